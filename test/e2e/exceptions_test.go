//go:build e2e

package e2e_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	. "github.com/onsi/gomega"
)

// exception is a kind of command in the documentation that is not run as it stands.
type exception struct {
	// commands it is of, as a whole and without a comment.
	commands *regexp.Regexp
	// instead is run in their place, with $1 and so on for what commands holds in brackets: it fails where one cannot be right.
	instead string
	// because is the reason.
	because string
	// elsewhere is where else they are run, or where what they do is: a file has a text.
	elsewhere proof
}

type proof struct{ file, has string }

// exceptions are all there are.
var exceptions = []exception{
	{
		of(`kind create cluster --name .*`), "kubectl get nodes | grep -w Ready", "the node of test/cluster is there instead",
		proof{"test/e2e/bed_test.go", `b.call(ctx, "up")`},
	},
	{
		of(`flux install`), "flux check", "Flux built from source is there instead",
		proof{"test/e2e/bed_test.go", `installed = struct{ command, what string }{"stack"`},
	},
	{
		of(`helm install kube-prometheus-stack .*`), "kubectl get prometheus,alertmanager --all-namespaces",
		"prometheus-operator, Prometheus and Alertmanager built from source are there instead",
		proof{"test/e2e/bed_test.go", `installed = struct{ command, what string }{"stack"`},
	},
	{
		of(`make kind-load (.*)`), "make -n kind-load $1", "the image is on the node already",
		proof{"docs/how-to/build-an-image.md", "dist/image.tar"},
	},
	{
		of(`kubectl get secret kube-prometheus-stack-grafana .*`), "kubectl get namespace monitoring", "there is no Grafana",
		proof{"README.md", "there is no Grafana"},
	},
	{
		of(`kubectl port-forward service/kube-prometheus-stack-grafana .*`),
		"kubectl get configmaps --namespace monitoring --selector grafana_dashboard=1 | grep flux-dashboard", "there is no Grafana",
		proof{"README.md", "there is no Grafana"},
	},
	{of(`make presubmit`), "make -n presubmit", "it takes minutes, and CI runs its parts", called("verify")},
	{of(`make test`), "make -n test", "it takes minutes", called("test")},
	{
		of(`(.*)make soak(.*)`), "${1}make -n soak$2", "it takes an hour and a node of its own",
		proof{"docs/soak.md", "One run, of commit "},
	},
	{
		of(`make bench`), "make -n bench", "it takes an hour",
		proof{"docs/performance.md", "as measured by `test/bench`"},
	},
	{
		of(`go test (.*) -bench \. (.*)`), "go test $1 -bench . -benchtime 1x $2", "each takes seconds, so that it measures something",
		proof{"docs/performance.md", "as measured by `test/bench`"},
	},
	{
		of(`go run \./test/bench [a-z].*`), "$0 --help", "each scenario takes minutes",
		proof{"docs/performance.md", "as measured by `test/bench`"},
	},
	{
		of(`go run \./test/generations/record definitions`), "go vet ./test/generations/record", "it writes what tests read",
		proof{"test/testdata/generations/flux-2.9.yaml", `flux: "2.9"`},
	},
	{
		of(`go run \./test/generations/record metrics`), "go vet ./test/generations/record", "it writes what tests read",
		proof{"test/testdata/metrics/source-controller-1.9.6.txt", "gotk_reconcile_duration_seconds_count"},
	},
	{of(`go run \./test/cluster/node up`), node, "there may be a cluster instead", proof{"test/e2e/bed_test.go", `b.call(ctx, "up")`}},
	{of(`go run \./test/cluster/node stack`), node, "there may be a cluster instead", proof{"test/e2e/bed_test.go", `installed = struct{ command, what string }{"stack"`}},
	{of(`go run \./test/cluster/node load .*`), node, "it replaces the image in use", proof{"test/e2e/bed_test.go", `b.call(ctx, "load",`}},
	{of(`go run \./test/cluster/node status`), node, "there may be a cluster instead", proof{"test/e2e/bed_test.go", `(ctx, node, "status")`}},
	{of(`go run \./test/cluster/node down`), node, "it ends the tests", proof{"test/e2e/bed_test.go", `b.call(context.Background(), "down")`}},
}

// released are the pages whose commands need a release that is published, and where what they look at is made. They are read, and not
// run.
var released = map[string]proof{
	"docs/how-to/verify-a-release.md": {".github/workflows/release.yaml", "cosign"},
}

// node prints the help of the node's program.
const node = "go run ./test/cluster/node --help"

// of are the commands that match wholly.
func of(commands string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + commands + `)$`) }

// called is that .ci/run calls a verb of make.
func called(verb string) proof { return proof{".ci/run", "make --no-print-directory " + verb + "\n"} }

func TestCommandsThatAreNotRunHereAreRunElsewhere(t *testing.T) {
	proofs := map[string]proof{}
	for _, e := range exceptions {
		NewWithT(t).Expect(e.because).NotTo(BeEmpty(), "%s", e.commands)
		proofs[e.commands.String()] = e.elsewhere
	}
	maps.Copy(proofs, released)
	for what, proof := range proofs {
		g := NewWithT(t)
		content, err := os.ReadFile(filepath.Join(source, proof.file))
		g.Expect(err).NotTo(HaveOccurred(), what)
		g.Expect(string(content)).To(ContainSubstring(proof.has), "%s is not in %s any more", what, proof.file)
	}
}

// comment is what may follow a command in its line.
var comment = regexp.MustCompile(`\s+#\s.*$`)

// replaced returns what is run instead of a command, and the exception for it. Without an exception it returns the command and nil.
func replaced(command string) (string, *exception) {
	bare := comment.ReplaceAllString(command, "")
	for i, e := range exceptions {
		if e.commands.MatchString(bare) {
			return e.commands.ReplaceAllString(bare, e.instead), &exceptions[i]
		}
	}
	return command, nil
}
