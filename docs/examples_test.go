package docs_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// judge is an API server with the definitions of everything that the documentation shows. It refuses unknown fields and stores nothing.
var (
	shared = cluster.Common(cluster.OperatorCRDs, cluster.FluxCRDs, cluster.MonitoringCRDs, cluster.FluxOperatorCRDs, cluster.GrafanaOperatorCRDs)
	judge  client.Client
	must   = rig.Must
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr), zap.Level(zapcore.ErrorLevel)))
	os.Exit(shared.Main(m, func(_ context.Context, plane *cluster.ControlPlane) error {
		c, err := client.New(plane.Config, client.Options{})
		judge = client.WithFieldValidation(client.NewDryRunClient(c), client.FieldValidation("Strict"))
		return err
	}))
}

func TestTheAPIServerAcceptsEveryExample(t *testing.T) {
	for _, p := range all(t) {
		for i, b := range p.blocks {
			for _, stream := range manifests(b) {
				if err := accepted(t.Context(), stream); err != nil {
					t.Errorf("%s, block %d: %s\n%s", p.path, i+1, err, stream)
				}
			}
		}
	}
}

func TestAnInvalidExampleIsFound(t *testing.T) {
	manifest := "{apiVersion: fluxmonitoring.dev/v1alpha1, kind: FluxMonitoring, metadata: {name: flux}, spec: {fluxes: 2}}"
	for name, b := range map[string]block{
		"a field that does not exist": {"yaml", "spec: {scrapes: {}}"},
		"a value of another type":     {"yaml", "spec: {suspend: sometimes}"},
		"a value against a rule":      {"yaml", "spec: {scrape: {interval: 10s, scrapeTimeout: 20s}}"},
		"an excerpt without spec":     {"yaml", "dashboards: {formats: ConfigMap}"},
		"a whole resource":            {"yaml", manifest},
		"the second of two":           {"yaml", "spec: {}\n---\n" + manifest},
		"a version that is none":      {"yaml", "{apiVersion: fluxmonitoring.dev/v2, kind: FluxMonitoring, metadata: {name: flux}}"},
		"another kind":                {"yaml", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: flux}, secret: []}"},
		"no YAML":                     {"yaml", "spec: ["},
		"what a command reads":        {"sh", "kubectl apply -f - <<'EOF'\n" + manifest + "\nEOF\n"},
	} {
		t.Run(name, func(t *testing.T) {
			read := manifests(b)
			if len(read) != 1 {
				t.Fatalf("%d manifests in %s", len(read), b.content)
			}
			if err := accepted(t.Context(), read[0]); err == nil {
				t.Error("it is accepted")
			}
		})
	}
}

// heredoc is what a command reads from its block, as far as it is a manifest.
var heredoc = regexp.MustCompile(`(?s)<<-?'?EOF'?[^\n]*\n(.*?)\n\s*EOF\n`)

// manifests are the streams of YAML in a block.
func manifests(b block) []string {
	switch b.language {
	case "yaml", "yml":
		return []string{b.content}
	case "sh", "bash":
		var found []string
		for _, body := range heredoc.FindAllStringSubmatch(b.content, -1) {
			if strings.Contains(body[1], "apiVersion") {
				found = append(found, body[1])
			}
		}
		return found
	}
	return nil
}

// accepted is nil where every document is YAML, and every object, or excerpt of a FluxMonitoring, is one the API server would create.
// A kind that it does not know, such as Argo CD's, is only read.
func accepted(ctx context.Context, stream string) error {
	for _, document := range regexp.MustCompile(`(?m)^---.*$`).Split(stream, -1) {
		var content any
		if err := yaml.Unmarshal([]byte(document), &content); err != nil {
			return err
		}
		object, ok := content.(map[string]any)
		if !ok {
			continue // a list, such as patches, or a comment alone
		}
		if err := created(ctx, whole(object)); err != nil {
			return err
		}
	}
	return nil
}

// created asks the API server whether it would create an object. It is given a namespace that is there and a name that is free.
func created(ctx context.Context, o *unstructured.Unstructured) error {
	gvk := o.GroupVersionKind()
	mapping, err := judge.RESTMapper().RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		if gvk.Kind == v1alpha1.Kind {
			return err
		}
		return nil
	}
	o.SetNamespace("")
	if mapping.Scope.Name() == "namespace" {
		o.SetNamespace("default")
	}
	o.SetGenerateName("example-")
	o.SetName("")
	return judge.Create(ctx, o)
}

// whole is an object as it is, and an excerpt, which is a spec or fields of one, as a FluxMonitoring.
func whole(content map[string]any) *unstructured.Unstructured {
	keys := sets.KeySet(content)
	switch {
	case keys.Equal(sets.New("spec")):
		content = map[string]any{"spec": content["spec"]}
	case keys.Len() > 0 && specFields().IsSuperset(keys):
		content = map[string]any{"spec": content}
	default:
		return &unstructured.Unstructured{Object: content}
	}
	o := &unstructured.Unstructured{Object: content}
	o.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.Kind))
	return o
}

// specFields are the names of the fields of a FluxMonitoring's spec whose values are objects: what an excerpt begins with.
func specFields() sets.Set[string] {
	return sets.New("flux", "prometheus", "scrape", "resourceMetrics", "dashboards", "alerts", "notifications", "commonMetadata")
}
