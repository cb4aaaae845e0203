package recall

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// counted returns a function that counts its runs, and the count.
func counted(t *testing.T) (run func() (string, error), runs *int) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv(again, "")
	runs = new(int)
	return func() (string, error) { *runs++; return "out", nil }, runs
}

func TestAResultIsFoundOnce(t *testing.T) {
	g := NewWithT(t)
	run, runs := counted(t)
	for range 2 {
		g.Expect(Output(run, "tool", "argument")).To(Equal("out"))
	}
	g.Expect(*runs).To(Equal(1), "the second time nothing runs")

	t.Setenv(again, "1")
	g.Expect(Output(run, "tool", "argument")).To(Equal("out"))
	g.Expect(*runs).To(Equal(2), "it has to run again")
}

func TestAResultDependsOnEachDependency(t *testing.T) {
	g := NewWithT(t)
	run, runs := counted(t)
	for _, dependencies := range [][]string{{"a", "b"}, {"a", "c"}, {"ab"}, {"a\n1 b"}, {"a"}, {}} {
		g.Expect(Output(run, dependencies...)).To(Equal("out"))
	}
	g.Expect(*runs).To(Equal(6))
}

func TestAnErrorIsNotKept(t *testing.T) {
	g := NewWithT(t)
	run, runs := counted(t)
	fails := errors.New("it fails")
	_, err := Output(func() (string, error) { return "", fails }, "tool")
	g.Expect(err).To(MatchError(fails))
	g.Expect(Output(run, "tool")).To(Equal("out"))
	g.Expect(*runs).To(Equal(1))
}

func TestAResultThatNobodyUsesIsForgotten(t *testing.T) {
	g := NewWithT(t)
	run, _ := counted(t)
	keep := func(of string) { g.Expect(Output(run, of)).To(Equal("out")) }
	keep("old")
	keep("used")
	cache, err := os.UserCacheDir()
	g.Expect(err).NotTo(HaveOccurred())
	kept := func() []string {
		files, err := filepath.Glob(filepath.Join(cache, "fluxmonitoring", "verdicts", "*"))
		g.Expect(err).NotTo(HaveOccurred())
		return files
	}
	past := time.Now().Add(-unused - time.Hour)
	for _, file := range kept() {
		g.Expect(os.Chtimes(file, past, past)).To(Succeed())
	}
	keep("used")
	keep("new")
	g.Expect(kept()).To(HaveLen(2))
}

func TestContentIsOfAllFilesAndTheirNames(t *testing.T) {
	g := NewWithT(t)
	folder := t.TempDir()
	write := func(path, content string) {
		file := filepath.Join(folder, path)
		g.Expect(os.MkdirAll(filepath.Dir(file), 0o755)).To(Succeed())
		g.Expect(os.WriteFile(file, []byte(content), 0o600)).To(Succeed())
	}
	seen := map[string]bool{}
	differs := func(of string) {
		t.Helper()
		content, err := Content(folder)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(seen).NotTo(HaveKey(content), of)
		seen[content] = true
	}
	write("cases.yaml", "a")
	differs("the first")
	write("cases.yaml", "bb")
	differs("other content")
	write("within/rules.yaml", "a")
	differs("another file")
	g.Expect(os.Rename(filepath.Join(folder, "within/rules.yaml"), filepath.Join(folder, "rules.yaml"))).To(Succeed())
	differs("another name")

	program := filepath.Join(folder, "cases.yaml")
	before, err := Content(program)
	g.Expect(err).NotTo(HaveOccurred())
	write("cases.yaml", "a program")
	g.Expect(Content(program)).NotTo(Equal(before))
	_, err = Content(filepath.Join(folder, "missing"))
	g.Expect(err).To(MatchError(os.ErrNotExist))
}
