//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// source is the root of the module, as seen from this package.
const source = "../.."

// installed is the command of the node's program that installs what the tests need, and says what that is.
var installed = struct{ command, what string }{"stack", "Flux, prometheus-operator, a Prometheus and an Alertmanager"}

// bed is where the tests run.
type bed struct {
	// scratch is a folder for what is built.
	scratch string
	// node is the program that runs the node. It is empty where a cluster was given.
	node string
	// found is true if the node was up before. It stays up.
	found bool
}

// begin brings up a cluster with everything in it, and makes it the shared one.
func (b *bed) begin(ctx context.Context) error {
	kubeconfig := os.Getenv("KUBECONFIG")
	given := kubeconfig != ""
	var err error
	if b.scratch, err = os.MkdirTemp("", "fluxmonitoring-e2e-"); err != nil {
		return err
	}
	if !given {
		if kubeconfig, err = b.up(ctx); err != nil {
			return err
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("reading KUBECONFIG=%s: %w", kubeconfig, err)
	}
	config.QPS = -1
	if !given {
		config.Proxy = direct
	}
	if shared, err = connect(ctx, config, kubeconfig); err != nil {
		return err
	}
	shared.bed = b
	if given {
		if err := shared.hasWhatTestsNeed(ctx); err != nil {
			return fmt.Errorf("the cluster of KUBECONFIG lacks something: %w", err)
		}
	}
	progress("applying config/default")
	return shared.installOperator(ctx)
}

// up builds and starts the node with its stack and the operator's image, and returns its kubeconfig.
func (b *bed) up(ctx context.Context) (kubeconfig string, err error) {
	if os.Geteuid() != 0 {
		return "", errors.New("these tests need root on Linux to run a node of their own, or KUBECONFIG to name a cluster")
	}
	folder, err := b.programs(ctx)
	if err != nil {
		return "", err
	}
	node, operator := filepath.Join(folder, "node"), filepath.Join(folder, "operator")
	b.found = exec.CommandContext(ctx, node, "status").Run() == nil
	b.node = node
	progress("starting the node")
	if kubeconfig, err = b.call(ctx, "up"); err != nil {
		return "", err
	}
	progress("installing %s", installed.what)
	if _, err := b.call(ctx, installed.command); err != nil {
		return "", err
	}
	progress("loading the operator's image")
	_, err = b.call(ctx, "load", operatorImage, operator, "/operator")
	return kubeconfig, err
}

// built names the folder of the programs that `make e2e` has built once for two nodes, with those for the PATH in its folder plugins.
const built = "E2E_PROGRAMS"

// programs is the folder of the programs of the node and the operator.
func (b *bed) programs(ctx context.Context) (string, error) {
	if folder := os.Getenv(built); folder != "" {
		return folder, nil
	}
	progress("building the programs of the node and the operator")
	return b.scratch, build(ctx, b.scratch, "./test/cluster/node", ".")
}

// plugins is the folder of kubectl's plugin.
func (b *bed) plugins(ctx context.Context) (string, error) {
	if folder := os.Getenv(built); folder != "" {
		return filepath.Join(folder, "plugins"), nil
	}
	folder := filepath.Join(b.scratch, "plugins")
	return folder, build(ctx, folder, "./cmd/kubectl-fluxmon")
}

// build makes a static binary of each package in a folder.
func build(ctx context.Context, folder string, of ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", folder + "/"}, of...)...)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", of, err, out)
	}
	return nil
}

// call runs a command of the node's program, shows its progress, and returns what it prints.
func (b *bed) call(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, b.node, args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout = source, &out
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("the command %q of test/cluster/node failed: %w", args[0], err)
	}
	return strings.TrimSpace(out.String()), nil
}

// end takes down what begin brought up.
func (b *bed) end() {
	defer os.RemoveAll(b.scratch) //nolint:errcheck // The process ends.
	switch {
	case b.node == "":
	case b.found:
		progress("leaving the node up, as it was before")
	case os.Getenv("E2E_KEEP") != "":
		progress("leaving the node up; `go run ./test/cluster/node status` names its kubeconfig, `down` ends it")
	default:
		progress("taking the node down")
		if _, err := b.call(context.Background(), "down"); err != nil {
			progress("error: %s", err)
		}
	}
}

// printDiagnostics prints the state of the cluster after a test failed.
func (b *bed) printDiagnostics() {
	if shared == nil {
		return
	}
	for _, args := range []string{
		"get pods -A -o wide",
		"-n fluxmonitoring-system describe pods",
		"-n fluxmonitoring-system logs deployment/fluxmonitoring-operator --tail=200",
		"-n fluxmonitoring-system logs deployment/fluxmonitoring-operator --tail=50 --previous",
		"get fluxmonitorings -A -o yaml",
		"get podmonitors,prometheusrules,alertmanagerconfigs,configmaps -n monitoring --show-labels",
		"get --raw " + alertmanagerAPI + "alerts",
		"get events -A --sort-by=.lastTimestamp",
	} {
		fmt.Fprintf(os.Stderr, "\n$ kubectl %s\n", args)
		shared.show(os.Stderr, strings.Fields(args)...)
	}
}

func (c *testCluster) show(out io.Writer, args ...string) {
	cmd := c.command(context.Background(), args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(out, err)
	}
}

// direct connects to the node without a proxy: a proxy is not on the network of the node.
func direct(*http.Request) (*url.URL, error) { return nil, nil }

// shared is the cluster of all tests.
var shared *testCluster

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.ErrorLevel)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bed{}
	if err := b.begin(ctx); err != nil {
		progress("error: %s", err)
		b.printDiagnostics()
		b.end()
		return 1
	}
	interrupted := context.AfterFunc(ctx, func() {
		b.end()
		os.Exit(130)
	})
	flag.Parse()
	if flag.Lookup("test.run").Value.String() == "" {
		go previousVersion() //nolint:errcheck // The test that asks for it reports the error.
	}
	if err := flag.Set("test.parallel", "16"); err != nil { // They wait most of the time, so it matters not how many processors there are.
		progress("error: %s", err)
	}
	code := m.Run()
	if !interrupted() {
		select {} // The process is about to end.
	}
	if code != 0 {
		b.printDiagnostics()
	}
	b.end()
	return code
}

// began is when the tests were called.
var began = time.Now()

// progress prints a line to stderr, with the time since the start.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "e2e %5.1fs  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}
