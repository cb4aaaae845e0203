package parts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// module is the line of go.mod by which this project's folder is found.
const module = "module github.com/fluxmonitoring/operator\n"

// unused is how long a folder of an older version of a part is kept after its last use.
const unused = 14 * 24 * time.Hour

// bench is where parts are built: the sources at one end, the cache at the other.
type bench struct {
	root    string // the checkout
	sources string // test/cluster of the checkout
	cache   string
	out     io.Writer
	assets  string // KUBEBUILDER_ASSETS
	envtest envtest
}

func newBench(out io.Writer) (bench, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return bench{}, errors.New("the go command is not on the PATH: install Go 1.26 or later from https://go.dev/dl")
	}
	root, err := Checkout()
	if err != nil {
		return bench{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return bench{}, fmt.Errorf("no folder to build into, set HOME or XDG_CACHE_HOME: %w", err)
	}
	cache = filepath.Join(cache, "fluxmonitoring")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return bench{}, fmt.Errorf("no folder to build into, set XDG_CACHE_HOME to one that can be written: %w", err)
	}
	return bench{
		root: root, sources: filepath.Join(root, "test", "cluster"), cache: cache, out: out,
		assets: os.Getenv("KUBEBUILDER_ASSETS"), envtest: newEnvtest(),
	}, nil
}

// Checkout returns the folder of this project, found upwards from the working directory.
func Checkout() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for folder := start; ; folder = filepath.Dir(folder) {
		data, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && strings.HasPrefix(string(data), module) {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("%s is not inside a checkout of %s", start, strings.TrimSpace(module))
		}
	}
}

// folder returns the part's folder, and downloads or builds it first if it is not there. Others who want the same part at the
// same time wait for the one that builds.
func (b bench) folder(ctx context.Context, p Part) (string, error) {
	sum, err := b.fingerprint(p)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(b.cache, p.Name+"-"+sum)
	if ready, err := b.ready(p, folder); ready != "" || err != nil {
		return ready, err
	}
	unlock, err := b.lock(ctx, p.Name)
	if err != nil {
		return "", err
	}
	defer unlock()
	if ready, err := b.ready(p, folder); ready != "" || err != nil {
		return ready, err
	}
	if p.Readymade != "" {
		if ready, err := b.download(ctx, p); ready != "" || err != nil {
			return ready, err
		}
	}
	return folder, b.make(ctx, p, folder)
}

// make builds the part aside and moves it to folder when it is whole.
func (b bench) make(ctx context.Context, p Part, folder string) error {
	aside, err := os.MkdirTemp(b.cache, ".building-"+p.Name+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside) //nolint:errcheck // What stays behind is swept with the next build.
	start := time.Now()
	fmt.Fprintf(b.out, "building %s: the first build on a machine can take minutes\n", p.Name)
	if p.needs != nil {
		if err := p.needs(ctx, b.out); err != nil {
			return err
		}
	}
	for _, c := range p.Commands {
		if err := b.goBuild(ctx, p, c, aside); err != nil {
			return advise(err)
		}
	}
	for _, fill := range []func(context.Context, Part, string) error{b.copyFiles, b.generate, shorten} {
		if err := fill(ctx, p, aside); err != nil {
			return advise(err)
		}
	}
	if err := os.Chmod(aside, 0o755); err != nil {
		return err
	}
	if err := os.Rename(aside, folder); err != nil {
		return err
	}
	fmt.Fprintf(b.out, "built %s in %s\n", p.Name, time.Since(start).Round(time.Second))
	return b.sweep(p.Name+"-????????????????", ".building-"+p.Name+"-*")
}

// sweep removes the folders of the cache that match and were not used for long.
func (b bench) sweep(patterns ...string) error {
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(b.cache, pattern))
		if err != nil {
			return err
		}
		for _, folder := range found {
			info, err := os.Stat(folder)
			if err != nil || time.Since(info.ModTime()) < unused {
				continue
			}
			if err := os.RemoveAll(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// lock keeps others from building the same part, in this process or another, until unlock is called.
func (b bench) lock(ctx context.Context, name string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(b.cache, "."+name+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	retry := time.NewTicker(200 * time.Millisecond)
	defer retry.Stop()
	for printed := false; ; printed = true {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { file.Close() }, nil //nolint:errcheck // Closing is what unlocks.
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("locking %s: %w", file.Name(), err), file.Close())
		}
		if !printed {
			fmt.Fprintf(b.out, "waiting for another process that builds %s\n", name)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), file.Close())
		case <-retry.C:
		}
	}
}
