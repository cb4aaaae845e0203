package chart_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/recall"
)

// helm is the folder of the real one.
var helm = sync.OnceValues(func() (string, error) {
	folders, err := parts.Build(context.Background(), os.Stderr, "helm")
	if err != nil {
		return "", err
	}
	return folders[0], nil
})

// run calls helm and returns its output.
func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	folder, err := helm()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), filepath.Join(folder, "helm"), args...)
	// Neither a cluster nor settings of the person who runs the tests.
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "KUBECONFIG=/dev/null", "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("helm %s: %w: %s", args[0], err, errors.String())
	}
	return out.String(), nil
}

// render are the objects of a release by the name of the operator, in the namespace of the manifests.
func render(t *testing.T, values ...string) []*unstructured.Unstructured {
	t.Helper()
	return renderAs(t, operator, system, values...)
}

// renderAs are the objects of a release.
func renderAs(t *testing.T, release, namespace string, values ...string) []*unstructured.Unstructured {
	t.Helper()
	out, err := tryRender(t, release, namespace, values...)
	must(t, err)
	return decode(t, out)
}

func tryRender(t *testing.T, release, namespace string, values ...string) (string, error) {
	t.Helper()
	return tryRenderChart(t, chart, release, namespace, values...)
}

// tryRenderChart is what helm makes of a chart with values. What it has made before of the same files is remembered: most changes are not to the chart.
func tryRenderChart(t *testing.T, chart, release, namespace string, values ...string) (string, error) {
	t.Helper()
	return recall.Output(func() (string, error) { return template(t, chart, release, namespace, values) },
		append([]string{program(t), content(t, chart), "template", release, namespace}, values...)...)
}

// refused expects helm to refuse values with a message. It is remembered too.
func refused(t *testing.T, message string, values ...string) {
	t.Helper()
	_, err := recall.Output(func() (string, error) {
		_, err := template(t, chart, operator, system, values)
		if err == nil || !strings.Contains(err.Error(), message) {
			return "", fmt.Errorf("want an error with %q, got %s", message, fmt.Sprint(err))
		}
		return "", nil
	}, append([]string{program(t), content(t, chart), "refused", message}, values...)...)
	must(t, err)
}

// program is a digest of helm.
func program(t *testing.T) string {
	t.Helper()
	folder, err := helm()
	must(t, err)
	return content(t, folder)
}

func content(t *testing.T, path string) string {
	t.Helper()
	digest, err := recall.Content(path)
	must(t, err)
	return digest
}

// template has helm render a chart with values.
func template(t *testing.T, chart, release, namespace string, values []string) (string, error) {
	t.Helper()
	args := []string{"template", release, chart, "--namespace", namespace}
	folder, err := os.MkdirTemp("", "values-") // t.TempDir may have a comma in its name, at which helm splits
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(folder)) })
	for i, v := range values {
		file := filepath.Join(folder, fmt.Sprintf("%d.yaml", i))
		must(t, os.WriteFile(file, []byte(v), 0o644))
		args = append(args, "--values", file)
	}
	return run(t, args...)
}

// decoded are the objects of documents that have been decoded before, by their texts. Most documents are the same in most releases, and
// the definition is long.
var decoded sync.Map

// decode are the objects of a stream of YAML documents.
func decode(t *testing.T, text string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, document := range strings.Split("\n"+text, "\n---\n") {
		objects, known := decoded.Load(document)
		if !known {
			made, err := cluster.Decode([]byte(document))
			must(t, err)
			objects, _ = decoded.LoadOrStore(document, made)
		}
		for _, o := range objects.([]*unstructured.Unstructured) {
			all = append(all, o.DeepCopy())
		}
	}
	return all
}

// templates are the files of the chart that are templates.
func templates() ([]string, error) { return filepath.Glob(chart + "/templates/*") }
