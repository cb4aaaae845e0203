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

// downloaded is the folder of a part that setup-envtest has downloaded.
func (b bench) downloaded(p Part, minor string) string {
	return b.named(p.Name, "setup-envtest", minor)
}

// download has setup-envtest download the part, and returns its folder. Where that fails it says why, and returns "": the part
// can still be built.
func (b bench) download(ctx context.Context, p Part) (string, error) {
	minor, err := b.minor(p)
	if err != nil {
		return "", err
	}
	err = b.envtest.reach(ctx)
	if err == nil {
		fmt.Fprintf(b.out, "downloading %s %s with setup-envtest, for at most %s\n", p.Name, minor, b.envtest.downloads)
		err = b.fetch(ctx, p, minor)
	}
	if err == nil {
		return b.downloaded(p, minor), nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	fmt.Fprintf(b.out, "setup-envtest cannot download %s %s (%v): building it, which takes some minutes\n", p.Name, minor, err)
	return "", nil
}

// reach finds out in a short time whether the index can be had. Compiling setup-envtest takes longer.
func (e envtest) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, e.answers)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.index, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // Nothing is read of it.
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", e.index, response.Status)
	}
	return nil
}

// fetch downloads the part aside and moves it to its folder when it is whole.
func (b bench) fetch(ctx context.Context, p Part, minor string) error {
	aside, err := os.MkdirTemp(b.cache, ".building-"+p.Name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside) //nolint:errcheck // What stays behind is swept with the next build.
	store := filepath.Join(aside, "store")
	unpacked, err := b.setupEnvtest(ctx, minor, store)
	if err != nil {
		return err
	}
	if err := os.Chmod(unpacked, 0o755); err != nil { // setup-envtest takes the right to remove what is in it.
		return err
	}
	version, err := versionOf(ctx, filepath.Join(unpacked, "kube-apiserver"))
	if err != nil {
		return err
	}
	if err := os.Rename(unpacked, filepath.Join(aside, "bin")); err != nil {
		return err
	}
	if err := leash(aside, version, "setup-envtest"); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(store), os.Rename(aside, b.downloaded(p, minor)), b.sweep(p))
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
	if err := os.Mkdir(store, 0o755); err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, b.envtest.downloads)
	defer cancel()
	command := exec.CommandContext(limited, tool, "use", minor+".x", "--index", b.envtest.index, "--bin-dir", store, "-p", "path")
	command.Env = append(os.Environ(), "TMPDIR="+store) // It leaves the archive of a download that fails there.
	folder, err := printed(command)
	if limited.Err() != nil {
		return "", fmt.Errorf("it takes longer than %s", b.envtest.downloads)
	}
	return folder, err
}

// printed is what a command prints. If it fails, the error is what it prints about that.
func printed(command *exec.Cmd) (string, error) {
	said, err := command.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", errors.New(strings.TrimSpace(string(failed.Stderr)))
	}
	return strings.TrimSpace(string(said)), err
}
