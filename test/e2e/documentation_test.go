//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster/parts"
	"github.com/fluxmonitoring/operator/test/pages"
)

// pageTime is how long all commands of a page may take together: some build the operator, for two platforms, with cold caches, beside other
// tests.
const pageTime = 10 * time.Minute

// everywhere is what placeholders stand for on the test's cluster, unless onPage has another value. What differs from run to run is
// asked for by the shell.
var everywhere = map[string]string{
	"app":                             "kustomize-controller",
	"exported_namespace":              "apps",
	"group":                           "kustomize.toolkit.fluxcd.io",
	"kind":                            "Kustomization",
	"name":                            "hello",
	"namespace":                       "flux-system",
	"namespace of Flux":               "flux-system",
	"namespace of the FluxMonitoring": namespace,
	"namespace of the operator":       "fluxmonitoring-system",
	"plural":                          "kustomizations",
	"pod":                             "$(kubectl -n flux-system get pods -l app=kustomize-controller -o jsonpath='{.items[0].metadata.name}')",
}

// ofOperator is what placeholders stand for in the runbook of an alert about the operator.
var ofOperator = map[string]string{"namespace": "fluxmonitoring-system"}

// ofPrometheus is what placeholders stand for in the runbook of an alert about Prometheus or Alertmanager.
var ofPrometheus = map[string]string{"namespace": "monitoring"}

// onPage is what placeholders stand for on one page.
var onPage = map[string]map[string]string{
	"docs/runbooks/FluxResourceBlockedByDependency.md": {
		"name": "dependent", "namespace of the dependency": "apps", "name of the dependency": "broken",
	},
	"docs/runbooks/FluxNotificationsFailing.md":           {"provider": "hello"},
	"docs/runbooks/FluxMonitoringNotReady.md":             {"exported_namespace": namespace, "name": name},
	"docs/runbooks/FluxMonitoringNotEffective.md":         {"exported_namespace": namespace, "name": name},
	"docs/runbooks/FluxMonitoringRulesFailing.md":         ofPrometheus,
	"docs/runbooks/FluxMonitoringAlertsNotDelivered.md":   ofPrometheus,
	"docs/runbooks/FluxMonitoringNotificationsFailing.md": ofPrometheus,
	"docs/runbooks/FluxMonitoringOperatorBackedUp.md":     ofOperator,
	"docs/runbooks/FluxMonitoringOperatorDown.md":         ofOperator,
	"docs/runbooks/FluxMonitoringOperatorFailing.md":      ofOperator,
	"docs/runbooks/FluxMonitoringOperatorNoLeader.md":     ofOperator,
	"docs/runbooks/FluxMonitoringOperatorNotReady.md":     ofOperator,
	"docs/runbooks/FluxMonitoringOperatorPanic.md":        ofOperator,
	"docs/runbooks/FluxMonitoringOperatorStuck.md":        ofOperator,
	"docs/runbooks/FluxSourceNotReady.md":                 {"kind": "GitRepository", "plural": "gitrepositories", "group": "source.toolkit.fluxcd.io"},
	"docs/runbooks/FluxResourceStalled.md":                {"plural": "helmreleases", "group": "helm.toolkit.fluxcd.io"},
	"docs/runbooks/FluxResourceSuspended.md":              {"name": "paused"},
	"docs/runbooks/FluxBootstrapNotReady.md":              {"plural": "gitrepositories", "group": "source.toolkit.fluxcd.io"},
	"docs/runbooks/FluxSourceBlocksDependents.md":         {"plural": "gitrepositories", "group": "source.toolkit.fluxcd.io"},
}

// apart are the pages whose commands build something, or only print what they would do. They change no cluster, so they are read
// beside other tests.
var apart = []string{
	"CONTRIBUTING.md", "docs/how-to/build-an-image.md", "docs/performance.md", "docs/soak.md", "test/cluster/README.md",
	"test/testdata/generations/README.md", "test/testdata/metrics/README.md",
}

// removing are the pages that end without the operator, or with another, and why. They come last, and what they remove is installed
// again. All other pages must leave the cluster as they find it.
var removing = map[string]string{
	"docs/how-to/helm.md": "it replaces config/default by the chart, and uninstalls that at its end",
}

func TestEveryCommandOfTheDocumentationRuns(t *testing.T) {
	found, err := pages.In(os.DirFS(source))
	must(t, err)
	g := NewWithT(t)
	g.Expect(found).To(ContainElement("README.md"))
	for table, listed := range map[string][]string{"onPage": keys(onPage), "removing": keys(removing), "released": keys(released), "apart": apart} {
		for _, page := range listed {
			g.Expect(found).To(ContainElement(page), "%s has a page that is no more", table)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int { return len(removing[a]) - len(removing[b]) })
	shared.monitored(t, "{}")
	shared.labelDefinitions(t)
	r := newReader(t, shared.inventory)
	for _, page := range found {
		commands, err := r.commands(t.Context(), page)
		if err == nil && len(commands) == 0 || slices.Contains(apart, page) {
			continue
		}
		t.Run(page, func(t *testing.T) {
			must(t, err)
			r.reads(t, page, commands)
		})
	}
	for _, e := range exceptions {
		g.Expect(keys(r.used)).To(ContainElement(e.commands.String()), "no page has what is excepted any more")
	}
}

// The builds have the lowest priority, so that they leave the processors to other tests.
func TestEveryCommandOfTheDocumentationThatBuildsOrExplainsRuns(t *testing.T) {
	t.Parallel()
	shared.monitored(t, closely)
	r := newReader(t, shared.inventoryBesideTests)
	for _, page := range apart {
		t.Run(page, func(t *testing.T) {
			commands, err := r.commands(t.Context(), page)
			must(t, err)
			r.reads(t, page, append([]pages.Command{{Text: "renice -n 19 -p $$ >/dev/null"}}, commands...))
		})
	}
}

// reader runs the commands of pages.
type reader struct {
	environment []string
	used        map[string]bool
	// look returns what there is in the cluster, and found is that before each page.
	look  func(*testing.T) map[string]string
	found map[string]string
}

func newReader(t *testing.T, look func(*testing.T) map[string]string) *reader {
	t.Helper()
	return &reader{environment: shared.environment(t), used: map[string]bool{}, look: look, found: look(t)}
}

// commands of a page, with what is run instead of some, and values for placeholders. A value that no placeholder is there for is an
// error. Of a page that needs a release nothing is run.
func (r *reader) commands(ctx context.Context, page string) ([]pages.Command, error) {
	text, err := os.ReadFile(filepath.Join(source, page))
	if err != nil {
		return nil, err
	}
	blocks, err := pages.Blocks(text)
	if err != nil {
		return nil, err
	}
	values := maps.Clone(everywhere)
	maps.Copy(values, onPage[page])
	var commands []pages.Command
	unasked := maps.Clone(onPage[page])
	for _, block := range blocks {
		for _, asked := range block.Placeholders() {
			delete(unasked, asked)
		}
		if block, err = block.Filled(values); err != nil {
			return nil, err
		}
		more, err := block.Commands(ctx)
		if err != nil {
			return nil, err
		}
		commands = append(commands, more...)
	}
	if len(unasked) > 0 {
		return nil, fmt.Errorf("there are values for placeholders that it does not have: %q", keys(unasked))
	}
	if _, is := released[page]; is {
		return nil, nil
	}
	return r.replaced(commands), nil
}

// replaced are the commands that are run.
func (r *reader) replaced(commands []pages.Command) []pages.Command {
	for i := range commands {
		var e *exception
		if commands[i].Text, e = replaced(commands[i].Text); e != nil {
			r.used[e.commands.String()] = true
		}
	}
	return commands
}

// reads runs the commands of a page, after which the cluster must be as it was.
func (r *reader) reads(t *testing.T, page string, commands []pages.Command) {
	ctx, cancel := context.WithTimeout(t.Context(), pageTime)
	defer cancel()
	start := time.Now()
	if err := pages.Run(ctx, source, r.environment, commands); err != nil {
		t.Errorf("%s: %s", page, err)
	}
	t.Logf("%d commands in %s", len(commands), since(start))
	if t.Failed() || removing[page] != "" {
		shared.restored(t)
	}
	var left map[string]string
	t.Cleanup(func() { r.found = left }) // The next page is not to blame.
	NewWithT(t).Eventually(func() map[string]string {
		left = r.look(t)
		return differs(r.found, left)
	}, soon, often).Should(BeEmpty(), "%s should leave the cluster as it was", page)
}

// environment is that of a reader of the documentation who uses this cluster and has all command lines installed.
func (c *testCluster) environment(t *testing.T) []string {
	t.Helper()
	progress("building flux, helm and kubectl-fluxmon, which the documentation uses")
	folders, err := parts.Build(t.Context(), os.Stderr, "flux-cli", "helm")
	must(t, err)
	kubeconfig, err := filepath.Abs(c.kubeconfig)
	must(t, err)
	home := t.TempDir()
	plugins, err := c.bed.plugins(t.Context())
	must(t, err)
	path := strings.Join(append(folders, plugins, filepath.Dir(c.kubectl), os.Getenv("PATH")), string(filepath.ListSeparator))
	environment := append(os.Environ(), "KUBECONFIG="+kubeconfig, "PATH="+path,
		"HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	if c.direct {
		environment = append(environment, "NO_PROXY=*", "no_proxy=*")
	}
	return environment
}

// labelDefinitions labels Flux's definitions as `flux install` does, by which `flux check` knows them. Those of the test bed come
// from the controllers' repositories, without.
func (c *testCluster) labelDefinitions(t *testing.T) {
	t.Helper()
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinitionList"})
	must(t, c.List(t.Context(), list))
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"labels":{"app.kubernetes.io/part-of":"flux"}}}`))
	for i := range list.Items {
		if strings.HasSuffix(list.Items[i].Name, ".toolkit.fluxcd.io") {
			must(t, c.Patch(t.Context(), &list.Items[i], patch))
		}
	}
}
