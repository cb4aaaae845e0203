package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/release/rig"
)

func TestWrongArgumentsAreReported(t *testing.T) {
	for name, it := range map[string]struct {
		args    []string
		message string
	}{
		"no version":      {[]string{"dist"}, "which version? Say --version v0.1.0"},
		"an unknown verb": {[]string{"publish", "--version", "v0.1.0"}, `unknown verb "publish", see --help`},
		"an empty verb":   {[]string{"", "--version", "v0.1.0"}, `unknown verb "", see --help`},
		"too much":        {[]string{"dist", "--version", "v0.1.0", "v0.2.0"}, `unexpected argument "v0.2.0", see --help`},
		"no such platform": {[]string{"dist", "--version", "v0.1.0", "--plugins", "linux/amd64,plan9/arm"},
			`the plugin of kubectl is not made for "plan9/arm", but for darwin/amd64, darwin/arm64, linux/amd64, linux/arm64, windows/amd64, windows/arm64`},
		"no such flag": {[]string{"dist", "--push"}, "flag provided but not defined: -push"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(run(t.Context(), it.args, &bytes.Buffer{}, &bytes.Buffer{})).To(MatchError(it.message))
		})
	}
}

func TestHelpIsPrinted(t *testing.T) {
	for name, args := range map[string][]string{"asked": {"--help"}, "of a verb": {"dist", "-h"}, "nothing": {}} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			out, progress := &bytes.Buffer{}, &bytes.Buffer{}
			g.Expect(run(t.Context(), args, out, progress)).To(MatchError(flag.ErrHelp))
			g.Expect(progress.String()).To(And(HavePrefix(usage), ContainSubstring("-version")))
			g.Expect(out.String()).To(BeEmpty())
		})
	}
}

func TestTheNotesOfAVersionArePrinted(t *testing.T) {
	g := NewWithT(t)
	checkout := rig.Folder(t, map[string]string{"CHANGELOG.md": "# Changelog\n\n## v0.1.0\n\n- The first.\n"})
	out := &bytes.Buffer{}
	g.Expect(run(t.Context(), []string{"notes", "--version", "v0.1.0", "--checkout", checkout}, out, &bytes.Buffer{})).To(Succeed())
	g.Expect(out.String()).To(Equal("- The first.\n"))
	g.Expect(run(t.Context(), []string{"notes", "--version", "v0.2.0", "--checkout", checkout}, out, &bytes.Buffer{})).
		To(MatchError(HavePrefix("CHANGELOG.md has no entry for v0.2.0")))
}

func TestTheTimeAndTheRevisionAreTheCommits(t *testing.T) {
	g := NewWithT(t)
	checkout, revision := repository(t)
	g.Expect(head(t.Context(), checkout, "")).To(Equal(commit{revision, time.Unix(1790000000, 0).UTC()}))
	g.Expect(head(t.Context(), checkout, "1780000000")).To(Equal(commit{revision, time.Unix(1780000000, 0).UTC()}))
	g.Expect(os.WriteFile(filepath.Join(checkout, "another"), nil, 0o600)).To(Succeed())
	g.Expect(head(t.Context(), checkout, "")).To(Equal(commit{revision + "-dirty", time.Unix(1790000000, 0).UTC()}))
}

func TestSourcesThatAreNotInGitNeedATime(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	checkout := t.TempDir()
	_, err := head(t.Context(), checkout, "")
	g.Expect(err).To(MatchError(HavePrefix("the time of the sources is not known: they are not in git, so set SOURCE_DATE_EPOCH: ")))
	g.Expect(head(t.Context(), checkout, "1780000000")).To(Equal(commit{"unknown", time.Unix(1780000000, 0).UTC()}))
	_, err = head(t.Context(), checkout, "yesterday")
	g.Expect(err).To(MatchError(HavePrefix("SOURCE_DATE_EPOCH is to be a number of seconds since 1970: ")))
}

// repository has one commit, at 1790000000.
func repository(t *testing.T) (string, string) {
	t.Helper()
	checkout := t.TempDir()
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", "first"},
	} {
		command := exec.CommandContext(t.Context(), "git", append([]string{"-C", checkout}, args...)...)
		command.Env = append(os.Environ(), "GIT_COMMITTER_DATE=@1790000000 +0000")
		rig.Output(t, command)
	}
	revision, err := git(t.Context(), checkout, "rev-parse", "HEAD")
	rig.Must(t, err)
	return checkout, revision
}
