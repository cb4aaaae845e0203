package pages_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/pages"
)

func TestCommandsShareOneShell(t *testing.T) {
	folder := t.TempDir()
	err := pages.Run(t.Context(), folder, []string{"GIVEN=1"}, of("one=$GIVEN", "cat >said <<EOF\n$one\nEOF", "echo 2 >>said"))
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	said, err := os.ReadFile(filepath.Join(folder, "said"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(said)).To(Equal("1\n2\n"))
}

func TestTheFirstFailureIsReportedWithOutputAndExitCode(t *testing.T) {
	for command, want := range map[string]pages.Failure{
		"echo out; echo err >&2; (exit 3)": {Output: "out\nerr\n", Reason: "exit status 3"},
		"false && true":                    {Reason: "exit status 1"},
		"false | cat":                      {Reason: "exit status 1"},
		"(exit 7)\ntrue":                   {Reason: "exit status 7"},
		"printf 'a\\nb'; exit 4":           {Output: "a\nb", Reason: "exit status 4"},
	} {
		commands := of("echo before", command, "echo after")
		var failure *pages.Failure
		g := NewWithT(t)
		g.Expect(errors.As(pages.Run(t.Context(), t.TempDir(), os.Environ(), commands), &failure)).To(BeTrue(), command)
		want.Command = commands[1]
		g.Expect(*failure).To(Equal(want), command)
	}
}

func TestAnUnsetVariableIsAFailure(t *testing.T) {
	var failure *pages.Failure
	g := NewWithT(t)
	g.Expect(errors.As(pages.Run(t.Context(), t.TempDir(), os.Environ(), of("true", "echo $nobody_set_this")), &failure)).To(BeTrue())
	g.Expect(failure.Command.Line).To(Equal(2))
	g.Expect(failure.Output).To(ContainSubstring("nobody_set_this: unbound variable"))
}

func TestACommandHasNoInput(t *testing.T) {
	NewWithT(t).Expect(pages.Run(t.Context(), t.TempDir(), os.Environ(), of(`[ -z "$(cat)" ]`))).To(Succeed())
}

func TestACommandThatIsTooSlowIsReported(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	var failure *pages.Failure
	g := NewWithT(t)
	g.Expect(errors.As(pages.Run(ctx, t.TempDir(), os.Environ(), of("true", "echo waiting; sleep 600")), &failure)).To(BeTrue())
	g.Expect(*failure).To(Equal(pages.Failure{
		Command: pages.Command{Line: 2, Text: "echo waiting; sleep 600"}, Output: "waiting\n", Reason: "not done in time",
	}))
}

func TestBackgroundProcessesEndWithThePage(t *testing.T) {
	folder, start := t.TempDir(), time.Now()
	g := NewWithT(t)
	g.Expect(pages.Run(t.Context(), folder, os.Environ(), of("sleep 600 &", "echo $! >pid"))).To(Succeed())
	g.Expect(time.Since(start)).To(BeNumerically("<", time.Minute))
	pid, err := os.ReadFile(filepath.Join(folder, "pid"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Eventually(func() error {
		return pages.Run(t.Context(), folder, os.Environ(), of("! kill -0 "+string(pid)))
	}).WithTimeout(5 * time.Second).Should(Succeed())
}

func TestAFailureIsReadLikeATerminal(t *testing.T) {
	err := &pages.Failure{Command: pages.Command{Line: 4, Text: "kubectl get x"}, Output: "no x\n", Reason: "exit status 1"}
	NewWithT(t).Expect(err).To(MatchError("line 4: exit status 1\n$ kubectl get x\nno x\n"))
}

// of are commands, one a line.
func of(texts ...string) []pages.Command {
	var commands []pages.Command
	for i, text := range texts {
		commands = append(commands, pages.Command{Line: i + 1, Text: text})
	}
	return commands
}

func TestASessionShowsWhatItsCommandsPrint(t *testing.T) {
	g := NewWithT(t)
	session := pages.Block{Session: true, Line: 3, Text: "$ echo 'one   12s'; echo two\none 5m\n...\n$ true\n$ printf 'a b c\\n'\na ... c\n"}
	commands, err := session.Commands(t.Context())
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(pages.Run(t.Context(), ".", nil, commands)).To(Succeed())

	commands[2].Output = "a c\n"
	var failure *pages.Failure
	g.Expect(errors.As(pages.Run(t.Context(), ".", nil, commands), &failure)).To(BeTrue())
	g.Expect(failure).To(HaveValue(Equal(pages.Failure{Command: commands[2], Output: "a b c\n",
		Reason: "the page shows other output:\na c\nThe command printed:"})))
}
