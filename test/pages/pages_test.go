package pages_test

import (
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/pages"
)

func TestEveryPageIsFoundButThoseOfTools(t *testing.T) {
	found, err := pages.In(fstest.MapFS{
		"README.md":                  {},
		"docs/how-to/helm.md":        {},
		"docs/pictures/light.png":    {},
		"node_modules/grafana/a.md":  {},
		"test/node_modules/x/b.md":   {},
		".github/a.md":               {},
		"test/preview/pictures.json": {},
	})
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(Equal([]string{"README.md", "docs/how-to/helm.md"}))
}

const page = `# A page

Inline ` + "`kubectl get pods`" + ` is not a block.

` + "```sh" + `
kubectl get pods
` + "```" + `

` + "```yaml" + `
a: b
` + "```" + `

1. In a list:

   ` + "```sh" + `
   kubectl apply -f - <<EOF
   a: b
   EOF
   ` + "```" + `

~~~console
$ kubectl get nodes
NAME
~~~

<!--
` + "```sh" + `
nobody sees this
` + "```" + `
-->

<!-- test: somebody else has done this for the reader
kubectl create namespace a
kubectl get namespace a --timeout=1s
-->

<!-- test instead: the reader has no cluster for tests
kubectl apply --dry-run=server -f a
-->

` + "```yaml" + `
a: b
` + "```" + `

` + "```console" + `
$ kubectl apply -f a
a created
` + "```" + `

` + "```sh" + `
` + "```" + `
`

func TestBlocksOfCommandsAreReadInOrder(t *testing.T) {
	blocks, err := pages.Blocks([]byte(page))
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(blocks).To(Equal([]pages.Block{
		{Line: 6, Text: "kubectl get pods\n"},
		{Line: 16, Text: "kubectl apply -f - <<EOF\na: b\nEOF\n"},
		{Line: 22, Session: true, Text: "$ kubectl get nodes\nNAME\n"},
		{Line: 33, Text: "kubectl create namespace a\nkubectl get namespace a --timeout=1s\n"},
		{Line: 38, Text: "kubectl apply --dry-run=server -f a\n"},
	}))
}

func TestABlockInAnUnknownLanguageIsAnError(t *testing.T) {
	for block, want := range map[string]string{
		"```bash\nls\n```\n":               "line 1: a block of commands is called sh or console, not bash",
		"\n```Shell\nls\n```\n":            "line 2: a block of commands is called sh or console, not Shell",
		"```\n$ ls\na\n```\n":              "line 1: a block with commands after a prompt is called console",
		"```\nfirst\n$ ls\n```\n":          "line 1: a block with commands after a prompt is called console",
		"```shell-session\n$ ls\n```":      "line 1: a block of commands is called sh or console, not shell-session",
		"\n<!-- test instead: a\nb\n-->\n": "line 2: no block of commands follows",
	} {
		_, err := pages.Blocks([]byte(block))
		NewWithT(t).Expect(err).To(MatchError(want), block)
	}
}

func TestRedirectionsAreNoPlaceholders(t *testing.T) {
	for text, want := range map[string][]string{
		"kubectl -n <exported_namespace> get <kind> <name>": {"exported_namespace", "kind", "name"},
		"kubectl get <kind>/<name> <kind>":                  {"kind", "name"},
		"<namespace of the dependency>":                     {"namespace of the dependency"},
		"list <plural of the kind>.<its group>":             {"plural of the kind", "its group"},
		"cat <<EOF\na -> b\nEOF":                            nil,
		"diff <(ls a) <(ls b)":                              nil,
		"sort < in > out":                                   nil,
		"sort <in | uniq >out":                              nil,
		"[ 1 -lt 2 ] && echo '<1>'":                         nil,
	} {
		NewWithT(t).Expect(pages.Block{Text: text}.Placeholders()).To(Equal(want), text)
	}
}

func TestPlaceholdersAreFilled(t *testing.T) {
	g := NewWithT(t)
	block := pages.Block{Line: 7, Session: true, Text: "$ get <kind> <name> <kind>\n"}
	filled, err := block.Filled(map[string]string{"kind": "pod", "name": "a", "app": "b"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(filled).To(Equal(pages.Block{Line: 7, Session: true, Text: "$ get pod a pod\n"}))
	_, err = block.Filled(map[string]string{"kind": "pod"})
	g.Expect(err).To(MatchError("line 7 and on: nothing is known to fill in for <name>"))
}

func FuzzABlockIsWhatThePageHasFromItsLineOn(f *testing.F) {
	f.Add(page)
	f.Add("```sh\nunclosed")
	f.Add("> ```console\n> $ a\r\n")
	f.Add("-\t```sh\n\t\ta\n")
	f.Fuzz(func(t *testing.T, page string) {
		blocks, err := pages.Blocks([]byte(page))
		if err != nil {
			return
		}
		lines := strings.Split(page, "\n")
		for _, block := range blocks {
			for i, line := range strings.Split(strings.TrimSuffix(block.Text, "\n"), "\n") {
				if at := block.Line - 1 + i; at >= len(lines) || !strings.HasSuffix(shown(lines[at]), shown(line)) {
					t.Fatalf("line %d of %q is not %q", at+1, page, line)
				}
			}
		}
	})
}

// shown is a line without what Markdown may replace in it.
func shown(line string) string {
	return strings.Trim(strings.ReplaceAll(strings.ReplaceAll(line, "\x00", ""), "\uFFFD", ""), " \t\r")
}
