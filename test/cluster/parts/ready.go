package parts

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
)

// originFile is the file in a folder of binaries that were not built here that says what they are.
const originFile = "origin"

// binaries are what envtest looks for in a folder.
var binaries = []string{"etcd", "kube-apiserver", "kubectl"}

// Origin says which version the binaries in a folder of the part apiserver have, and where they come from.
func Origin(folder string) string {
	if content, err := os.ReadFile(filepath.Join(folder, originFile)); err == nil {
		return string(content)
	}
	version, err := Version("apiserver", "k8s.io/kubernetes")
	if err != nil {
		return "kube-apiserver in " + folder
	}
	return "kube-apiserver " + strings.TrimPrefix(version, "v") + ", built from Go modules"
}

// ready returns the folder of a part that needs neither building nor downloading, or "" if there is none. KUBEBUILDER_ASSETS
// comes first, because a person has set it, and the PATH last, because a version is on it by chance.
func (b bench) ready(ctx context.Context, p Part, built string) (string, error) {
	if p.Readymade == "" {
		return usedOrNone(built), nil
	}
	if b.assets != "" {
		return b.adopt(ctx, assetsOf(b.assets), "KUBEBUILDER_ASSETS")
	}
	minor, err := b.minor(p)
	if err != nil {
		return "", err
	}
	if folder := usedOrNone(built, b.downloaded(p, minor)); folder != "" {
		return folder, nil
	}
	return b.onPath(ctx, minor)
}

func usedOrNone(folders ...string) string {
	for _, folder := range folders {
		if used(folder) {
			return folder
		}
	}
	return ""
}

// minor is the version that ready-made binaries of a part must have, such as 1.36.
func (b bench) minor(p Part) (string, error) {
	version, err := required(filepath.Join(b.sources, p.Module, "go.mod"), p.Readymade)
	if err != nil {
		return "", err
	}
	major, rest, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	return major + "." + minor, nil
}

// onPath adopts the binaries on the PATH if all are there and their kube-apiserver is of the minor version.
func (b bench) onPath(ctx context.Context, minor string) (string, error) {
	found := map[string]string{}
	for _, name := range binaries {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", nil //nolint:nilerr // The next source is tried.
		}
		if found[name], err = filepath.Abs(path); err != nil {
			return "", err
		}
	}
	version, err := versionOf(ctx, found["kube-apiserver"])
	if err != nil || !strings.HasPrefix(version, minor+".") {
		return "", ctx.Err()
	}
	return b.adopt(ctx, found, "the PATH")
}

// assetsOf are the binaries in a folder.
func assetsOf(folder string) map[string]string {
	found := map[string]string{}
	for _, name := range binaries {
		found[name] = filepath.Join(folder, name)
	}
	return found
}

// adopt returns a folder of the cache through which binaries that are elsewhere are run.
func (b bench) adopt(ctx context.Context, found map[string]string, from string) (string, error) {
	version, err := versionOf(ctx, found["kube-apiserver"])
	if err != nil {
		return "", err
	}
	folder := b.named("apiserver", version, from, fmt.Sprint(found))
	if used(folder) {
		return folder, nil
	}
	aside, err := os.MkdirTemp(b.cache, ".building-apiserver-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(aside) //nolint:errcheck // What stays behind is swept with the next build.
	failed := []error{os.Mkdir(filepath.Join(aside, "bin"), 0o755)}
	for name, path := range found {
		failed = append(failed, os.Symlink(path, filepath.Join(aside, "bin", name)))
	}
	if err := errors.Join(append(failed, leash(aside, version, from))...); err != nil {
		return "", err
	}
	if err := os.Rename(aside, folder); err != nil && !used(folder) { // Another process may have been faster.
		return "", err
	}
	return folder, nil
}

// named is the folder of ready-made binaries whose content these words decide.
func (b bench) named(part string, words ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %q %q", goruntime.GOOS, goruntime.GOARCH, leashed, words))
	return filepath.Join(b.cache, fmt.Sprintf("%s-%x", part, sum[:8]))
}

// versionOf asks a kube-apiserver for its version, such as 1.36.2.
func versionOf(ctx context.Context, apiserver string) (string, error) {
	said, err := exec.CommandContext(ctx, apiserver, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", apiserver, err)
	}
	version, found := strings.CutPrefix(strings.TrimSpace(string(said)), "Kubernetes v")
	if !found {
		return "", fmt.Errorf("%s --version prints %q, not the version of Kubernetes", apiserver, said)
	}
	return version, nil
}

// leashed is the script that runs a server that was not built here. A server that was built here ends by itself when the
// process that started it has ended, so that a test that is killed leaves nothing running. The script does that for the others.
const leashed = `#!/bin/sh
sh -c 'while kill -0 "$2"; do kill -0 "$1" || { kill -9 "$2"; exit; }; sleep 1; done' leash "$PPID" "$$" </dev/null >/dev/null 2>&1 &
exec "${0%/*}/bin/${0##*/}" "$@"
`

// leash puts the scripts of the servers beside the folder bin, and the note of the origin.
func leash(folder, version, from string) error {
	for _, name := range binaries {
		if _, err := os.Stat(filepath.Join(folder, "bin", name)); err != nil {
			return fmt.Errorf("%s has no %s: %w", from, name, err)
		}
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, "etcd"), []byte(leashed), 0o755),
		os.WriteFile(filepath.Join(folder, "kube-apiserver"), []byte(leashed), 0o755),
		os.Symlink(filepath.Join("bin", "kubectl"), filepath.Join(folder, "kubectl")),
		os.WriteFile(filepath.Join(folder, originFile), fmt.Appendf(nil, "kube-apiserver %s from %s", version, from), 0o644),
		os.Chmod(folder, 0o755),
	)
}
