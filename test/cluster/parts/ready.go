package parts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// binaries are what envtest looks for in a folder.
var binaries = []string{"etcd", "kube-apiserver", "kubectl"}

// Origin returns the version of the kube-apiserver in a folder, and the folder.
func Origin(folder string) string {
	version, err := printed(exec.Command(filepath.Join(folder, "kube-apiserver"), "--version"))
	if err != nil {
		return folder
	}
	return version + " from " + folder
}

// envtest is where setup-envtest finds the binaries of a control plane.
type envtest struct {
	// index lists them, by the address it is served at.
	index string
	// answers is how long the index may take, and downloads how long a download may.
	answers, downloads time.Duration
}

// newEnvtest is the index of Kubernetes' own builds, or the one that ENVTEST_INDEX names. A machine that cannot reach the
// internet loses seconds to it, once: what it then builds stays in the cache.
func newEnvtest() envtest {
	index := os.Getenv("ENVTEST_INDEX")
	if index == "" {
		index = "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml"
	}
	return envtest{index: index, answers: 5 * time.Second, downloads: 2 * time.Minute}
}

// ready returns the folder of a part that needs neither a build nor a download, or "" if there is none. KUBEBUILDER_ASSETS
// comes first, because a person has set it.
func (b bench) ready(p Part, built string) (string, error) {
	folders := []string{built}
	if p.Readymade != "" {
		if b.assets != "" {
			return b.assets, whole(b.assets)
		}
		minor, err := b.minor(p)
		if err != nil {
			return "", err
		}
		folders = append(folders, b.downloaded(minor))
	}
	now := time.Now()
	for _, folder := range folders {
		if os.Chtimes(folder, now, now) == nil { // It is there, and was used now.
			return folder, nil
		}
	}
	if p.Readymade != "" {
		minor, err := b.minor(p)
		return onPath(minor), err
	}
	return "", nil
}

// onPath returns the folder of the PATH that has all binaries, with a kube-apiserver of this minor version, or "" if there is none.
func onPath(minor string) string {
	server, err := exec.LookPath("kube-apiserver")
	if err != nil || whole(filepath.Dir(server)) != nil {
		return ""
	}
	version, err := printed(exec.Command(server, "--version"))
	if err != nil || !strings.HasPrefix(version, "Kubernetes v"+minor+".") {
		return ""
	}
	return filepath.Dir(server)
}

// whole returns an error if a binary is missing in a folder.
func whole(folder string) error {
	for _, name := range binaries {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("%s has no %s: %w", folder, name, err)
		}
	}
	return nil
}

// minor is the version that ready-made binaries of a part must have, such as 1.36.
func (b bench) minor(p Part) (string, error) {
	version, err := required(filepath.Join(b.sources, p.Module, "go.mod"), p.Readymade)
	if err != nil {
		return "", err
	}
	return version[len("v"):strings.LastIndex(version, ".")], nil
}

// downloaded is the folder of what setup-envtest has downloaded.
func (b bench) downloaded(minor string) string {
	return filepath.Join(b.cache, "setup-envtest-"+minor)
}

// download has setup-envtest download a part, and returns its folder. Where that fails it prints why, and returns "": the part
// can still be built.
func (b bench) download(ctx context.Context, p Part) (string, error) {
	minor, err := b.minor(p)
	if err != nil {
		return "", err
	}
	err = b.envtest.reach()
	if err == nil {
		fmt.Fprintf(b.out, "downloading %s %s with setup-envtest, for at most %s\n", p.Name, minor, b.envtest.downloads)
		err = b.fetch(ctx, minor)
	}
	if err == nil {
		return b.downloaded(minor), nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	fmt.Fprintf(b.out, "setup-envtest cannot download %s %s (%v): building it, which takes some minutes\n", p.Name, minor, err)
	return "", nil
}

// reach finds out in a short time whether the index can be had. Compiling setup-envtest takes longer.
func (e envtest) reach() error {
	client := http.Client{Timeout: e.answers}
	response, err := client.Get(e.index)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // Nothing is read of it.
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", e.index, response.Status)
	}
	return nil
}

// fetch downloads the binaries aside, and moves them to their folder if they are whole and of this machine.
func (b bench) fetch(ctx context.Context, minor string) error {
	store, err := os.MkdirTemp(b.cache, ".building-setup-envtest-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(store) //nolint:errcheck // The next build removes what is left.
	unpacked, err := b.setupEnvtest(ctx, minor, store)
	if err != nil {
		return err
	}
	if err := os.Chmod(unpacked, 0o755); err != nil { // setup-envtest takes the right to remove what is in it.
		return err
	}
	if err := whole(unpacked); err != nil {
		return err
	}
	if err := exec.CommandContext(ctx, filepath.Join(unpacked, "kube-apiserver"), "--version").Run(); err != nil {
		return err
	}
	return errors.Join(os.Rename(unpacked, b.downloaded(minor)), b.sweep("setup-envtest-*", ".building-setup-envtest-*"))
}

// setupEnvtest runs setup-envtest and returns the folder in its store that it names.
func (b bench) setupEnvtest(ctx context.Context, minor, store string) (string, error) {
	// It is built as the user's own commands are, so that the two share what they compile.
	compiler := exec.CommandContext(ctx, "go", "tool", "-modfile=tools/go.mod", "-n", "setup-envtest")
	compiler.Dir = b.root
	tool, err := printed(compiler)
	if err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, b.envtest.downloads)
	defer cancel()
	command := exec.CommandContext(limited, tool, "use", minor+".x", "--index", b.envtest.index, "--bin-dir", store, "-p", "path")
	command.Env = append(os.Environ(), "TMPDIR="+store) // It leaves the archive of a download that fails there.
	folder, err := printed(command)
	if limited.Err() != nil {
		return "", errors.Join(ctx.Err(), fmt.Errorf("it takes longer than %s", b.envtest.downloads))
	}
	return folder, err
}
