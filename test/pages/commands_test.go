package pages_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/pages"
)

func TestACommandCanHaveSeveralLines(t *testing.T) {
	const script = `# What is said of it.
one --flag    # why
two \
  --flag

three <<'EOF'
# not a comment

  line
EOF
four '
$ five' |
  six
for i in 1 2; do
  seven $i
done
`
	commands, err := pages.Block{Line: 10, Text: script}.Commands(t.Context())
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(commands).To(Equal([]pages.Command{
		{Line: 11, Text: "one --flag    # why"},
		{Line: 12, Text: "two \\\n  --flag"},
		{Line: 15, Text: "three <<'EOF'\n# not a comment\n\n  line\nEOF"},
		{Line: 20, Text: "four '\n$ five' |\n  six"},
		{Line: 23, Text: "for i in 1 2; do\n  seven $i\ndone"},
	}))
}

func TestCommandsOfASessionFollowAPrompt(t *testing.T) {
	const session = `$ one
$ is said
output $ two
$ three \
    --flag
output
$ four <<EOF
> a
b
> EOF
output
`
	commands, err := pages.Block{Line: 3, Session: true, Text: session}.Commands(t.Context())
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(commands).To(Equal([]pages.Command{
		{Line: 3, Text: "one"},
		{Line: 4, Text: "is said", Output: "output $ two\n"},
		{Line: 6, Text: "three \\\n    --flag", Output: "output\n"},
		{Line: 9, Text: "four <<EOF\na\nb\nEOF", Output: "output\n"},
	}))
}

func TestSyntaxErrorsOfBashNameTheLine(t *testing.T) {
	for text, want := range map[string]string{
		"ls\necho 'a\nb\n":  "line 6 and on: bash does not understand this",
		"cat <<EOF\na\n":    "here-document",
		"ls \\":             "the next line",
		"ls )\nls\n":        "line 5 and on: bash does not understand this",
		"if true; then ls;": "unexpected end of file",
	} {
		_, err := pages.Block{Line: 5, Text: text}.Commands(t.Context())
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(want)), text)
	}
}
