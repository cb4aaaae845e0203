package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
)

// judge has a tool judge the files of a directory. The same tool gives the same files the same verdict, so files that have passed are not judged
// again, in whatever clone they are. JUDGE_AGAIN=1 has everything judged.
func judge(t *testing.T, directory, tool string, arguments ...string) {
	t.Helper()
	g := NewWithT(t)
	cache, err := os.UserCacheDir()
	g.Expect(err).NotTo(HaveOccurred())
	passed := filepath.Join(cache, "fluxmonitoring", "verdicts", verdictKey(g, directory, tool, arguments))
	if _, err := os.Stat(passed); err == nil && os.Getenv("JUDGE_AGAIN") == "" {
		return
	}
	out, err := exec.Command(tool, append(arguments, filepath.Join(directory, "cases.yaml"))...).CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))
	g.Expect(string(out)).To(ContainSubstring("SUCCESS"), "both tools end with it")
	g.Expect(os.MkdirAll(filepath.Dir(passed), 0o755)).To(Succeed())
	g.Expect(os.WriteFile(passed, nil, 0o644)).To(Succeed())
}

// verdictKey is a digest of all that a verdict depends on: the tool's own content, its arguments, and the files that it reads.
func verdictKey(g Gomega, directory, tool string, arguments []string) string {
	digest := sha256.New()
	files, err := filepath.Glob(filepath.Join(directory, "*"))
	g.Expect(err).NotTo(HaveOccurred())
	for _, path := range files {
		fmt.Fprintf(digest, "%s %x\n", filepath.Base(path), contentOf(g, path))
	}
	info, err := os.Stat(tool)
	g.Expect(err).NotTo(HaveOccurred())
	known, _ := tools.LoadOrStore(fmt.Sprint(tool, info.ModTime(), info.Size()), sync.OnceValue(func() [sha256.Size]byte { return contentOf(g, tool) }))
	fmt.Fprintf(digest, "%x %s", known.(func() [sha256.Size]byte)(), strings.Join(arguments, " "))
	return hex.EncodeToString(digest.Sum(nil))
}

// tools has the digests of the tools, which are large, by path, time and size.
var tools sync.Map

func contentOf(g Gomega, path string) [sha256.Size]byte {
	content, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	return sha256.Sum256(content)
}

func TestAVerdictDependsOnToolArgumentsAndFiles(t *testing.T) {
	g := NewWithT(t)
	directory, tool := t.TempDir(), filepath.Join(t.TempDir(), "tool")
	write := func(path, content string) { g.Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed()) }
	key := func() string { return verdictKey(g, directory, tool, []string{"test"}) }
	write(tool, "v1")
	write(filepath.Join(directory, "cases.yaml"), "a")
	first := key()
	g.Expect(key()).To(Equal(first))
	g.Expect(verdictKey(g, directory, tool, []string{"test", "--fast"})).NotTo(Equal(first))
	write(tool, "v2.1")
	g.Expect(key()).NotTo(Equal(first), "another tool")
	write(tool, "v1")
	write(filepath.Join(directory, "cases.yaml"), "b")
	g.Expect(key()).NotTo(Equal(first), "other cases")
	write(filepath.Join(directory, "cases.yaml"), "a")
	write(filepath.Join(directory, "rules.yaml"), "a")
	g.Expect(key()).NotTo(Equal(first), "other rules")
}

func TestPassedCasesAreNotJudgedAgain(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	directory, count := t.TempDir(), filepath.Join(t.TempDir(), "count")
	g.Expect(os.WriteFile(filepath.Join(directory, "cases.yaml"), nil, 0o600)).To(Succeed())
	tool := filepath.Join(t.TempDir(), "tool")
	g.Expect(os.WriteFile(tool, []byte("#!/bin/sh\necho . >>"+count+"\necho SUCCESS\n"), 0o700)).To(Succeed())
	times := func() int { content, _ := os.ReadFile(count); return strings.Count(string(content), ".") }
	judge(t, directory, tool)
	judge(t, directory, tool)
	g.Expect(times()).To(Equal(1), "the second time nothing runs")
	t.Setenv("JUDGE_AGAIN", "1")
	judge(t, directory, tool)
	g.Expect(times()).To(Equal(2))
}
