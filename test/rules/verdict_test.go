package rules

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/recall"
)

// judge has a tool judge the files of a directory. The same tool gives the same files the same verdict, so files that have passed are not judged
// again.
func judge(t *testing.T, directory, tool string, arguments ...string) {
	t.Helper()
	g := NewWithT(t)
	program, err := recall.Content(tool)
	g.Expect(err).NotTo(HaveOccurred())
	files, err := recall.Content(directory)
	g.Expect(err).NotTo(HaveOccurred())
	_, err = recall.Output(func() (string, error) {
		out, err := exec.Command(tool, append(arguments, filepath.Join(directory, "cases.yaml"))...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "SUCCESS") { // Both tools end with it.
			return "", fmt.Errorf("%s ended with %s: %s", tool, fmt.Sprint(err), out)
		}
		return "", nil
	}, append([]string{program, files}, arguments...)...)
	g.Expect(err).NotTo(HaveOccurred())
}

func TestPassedCasesAreJudgedAgainOnlyIfToolArgumentsOrFilesDiffer(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("JUDGE_AGAIN", "")
	directory, tool, count := t.TempDir(), filepath.Join(t.TempDir(), "tool"), filepath.Join(t.TempDir(), "count")
	write := func(path, content string) { g.Expect(os.WriteFile(path, []byte(content), 0o700)).To(Succeed()) }
	times := func() int { content, _ := os.ReadFile(count); return strings.Count(string(content), ".") }
	const script = "#!/bin/sh\necho SUCCESS\necho . >>"
	write(tool, script+count)
	write(filepath.Join(directory, "cases.yaml"), "a")
	judge(t, directory, tool)
	judge(t, directory, tool)
	g.Expect(times()).To(Equal(1), "the second time nothing runs")
	judge(t, directory, tool, "--fast")
	g.Expect(times()).To(Equal(2), "other arguments")
	write(filepath.Join(directory, "cases.yaml"), "bb")
	judge(t, directory, tool)
	g.Expect(times()).To(Equal(3), "other cases")
	write(filepath.Join(directory, "rules.yaml"), "a")
	judge(t, directory, tool)
	g.Expect(times()).To(Equal(4), "other rules")
	write(tool, script+count+" # v2")
	judge(t, directory, tool)
	g.Expect(times()).To(Equal(5), "another tool")
	t.Setenv("JUDGE_AGAIN", "1")
	judge(t, directory, tool)
	g.Expect(times()).To(Equal(6))
}
