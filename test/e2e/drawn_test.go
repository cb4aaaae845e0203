//go:build e2e

package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
)

// quiet are the queries that have no result in the test bed, and why.
var quiet = map[string]string{
	"Bucket reconciliations per minute: {{cluster}} all":          "there is no Bucket, as there is no object storage to point it at",
	"Not reconciled for two hours":                                "every object is reconciled all the time",
	"Failed notifications":                                        "Flux has no Alert here",
	"Failures within two hours":                                   "what fails here failed before the test began",
	"Behind their source":                                         "every ready Kustomization has applied the revision of its source",
	"Omitted objects: {{cluster}} {{kind}}":                       "the exporter omits nothing",
	"Objects not ready for long: {{cluster}} not ready":           "fewer objects fail than FluxManyResourcesNotReady counts as many",
	"Error budget: {{cluster}} failed":                            "there are fewer objects than FluxErrorBudgetBurn needs",
	"Monitoring":                                                  "the condition Proven can be Unknown, and then has no series",
	"Heartbeat":                                                   "nobody has set a heartbeat",
	"Share of all requests: {{cluster}} {{app}}":                  "no Prometheus scrapes the API server here",
	"Duration of requests for Flux objects: {{cluster}} {{verb}}": "no Prometheus scrapes the API server here",
	"Requests for Flux objects: {{cluster}} {{resource}}":         "no Prometheus scrapes the API server here",
	"Stored Flux objects: {{cluster}} {{resource}}":               "no Prometheus scrapes the API server here",
}

// lonely are the variables without a value, and why.
var lonely = map[string]string{
	"cluster": "series have this label only if one Prometheus has several clusters; its .* matches series without it",
}

// shownObjects are the objects that the dashboard about one object is tested with, and which of its panels are empty.
var shownObjects = []struct {
	kind, name string
	quiet      []string
}{
	{"Kustomization", "broken", []string{"Suspended for", "Revisions over time: {{cluster}} {{revision}}", "Dependents"}},
	{"Kustomization", "hello", []string{"Not ready for", "Suspended for", "Dependents"}},
	{"Kustomization", "paused", []string{"Not ready for", "Dependents", "Mean duration", "Duration: {{cluster}} mean", // never reconciled
		"Revisions over time: {{cluster}} {{revision}}", "Reasons over time: {{cluster}} {{reason}}"}},
	{"OCIRepository", "hello", []string{"Not ready for", "Suspended for", "Source"}},
	{"GitRepository", "missing", []string{"Suspended for", "Revisions over time: {{cluster}} {{revision}}", "Source"}},
	{"HelmRelease", "hello", []string{"Not ready for", "Suspended for", "Dependents"}},
}

// sparse are the tables whose columns are not all there for every object, and why.
var sparse = map[string]string{
	"Objects not ready": "only one of its queries has the reason",
	"Details":           "an object has no address and no chart but its kind's",
	"Dependents":        "what was never applied has no revision",
	"Source":            "a source that was never fetched has no revision",
	"Alerts":            "an alert about a controller names no object",
}

func TestEveryPanelOfEveryDashboardHasData(t *testing.T) {
	t.Parallel()
	shared.monitored(t, closely)
	shared.create(t, identity{"Kustomization", "held-up"},
		"{interval: 10s, path: ./, prune: false, targetNamespace: apps, sourceRef: {kind: GitRepository, name: missing}}")
	t.Run("each variable has values", func(t *testing.T) {
		NewWithT(t).Eventually(func(g Gomega) {
			for _, d := range shared.dashboards(t) {
				_, err := shared.choices(t, d)
				g.Expect(err).NotTo(HaveOccurred(), d.Title)
			}
		}, patient, nowAndThen).Should(Succeed())
	})
	t.Run("without chosen values", func(t *testing.T) {
		shared.answersAll(t, func(*testing.T, dashboard) viewer { return nil })
	})
	t.Run("with every value chosen", func(t *testing.T) {
		shared.answersAll(t, func(t *testing.T, d dashboard) viewer {
			choices, err := shared.choices(t, d)
			must(t, err)
			return choices
		})
	})
	for _, o := range shownObjects {
		t.Run("of the "+o.kind+" "+o.name, func(t *testing.T) {
			d := shared.dashboard(t, "flux-resource")
			v := d.undecided().choosing("namespace", "apps").choosing("kind", o.kind).choosing("name", o.name)
			shared.answers(t, d, v, func(title string) bool { return slices.Contains(o.quiet, title) })
		})
	}
}

// answersAll waits until each panel of each dashboard about many has what it needs, for the viewer.
func (c *testCluster) answersAll(t *testing.T, chosen func(*testing.T, dashboard) viewer) {
	t.Helper()
	dashboards := c.dashboards(t)
	NewWithT(t).Expect(dashboards).To(HaveLen(5))
	for _, d := range dashboards {
		if d.UID == "flux-resource" { // which shows what was chosen, and nothing of nothing
			continue
		}
		t.Run(d.Title, func(t *testing.T) {
			v := d.undecided()
			maps.Copy(v, chosen(t, d))
			c.answers(t, d, v, func(title string) bool { return quiet[title] != "" })
		})
	}
}

// answers waits until each panel of a dashboard has what it needs, except for those that may be empty.
func (c *testCluster) answers(t *testing.T, d dashboard, v viewer, quiet func(title string) bool) {
	t.Helper()
	NewWithT(t).Eventually(func() []string { return c.complaints(t, d, v, quiet) }, patient, nowAndThen).
		Should(BeEmpty(), "every panel should be as it is meant")
	t.Logf("%d panels, %d queries", len(d.all()), d.queries())
}

// dashboard is the one of a uid.
func (c *testCluster) dashboard(t *testing.T, uid string) dashboard {
	t.Helper()
	all := c.dashboards(t)
	i := slices.IndexFunc(all, func(d dashboard) bool { return d.UID == uid })
	NewWithT(t).Expect(i).NotTo(Equal(-1), "%s is there", uid)
	return all[i]
}

// undecided is the viewer who chose All for every variable.
func (d dashboard) undecided() viewer {
	v := viewer{}
	for _, one := range d.Templating.List {
		if one.Type == "query" {
			v = v.choosing(one.Name, one.AllValue)
		}
	}
	return v
}

// choices asks for the values of all variables in turn, each narrowed by those before, and chooses all of them.
func (c *testCluster) choices(t *testing.T, d dashboard) (viewer, error) {
	v := d.undecided()
	for _, one := range d.Templating.List {
		if one.Type != "query" {
			continue
		}
		parts := labelValues.FindStringSubmatch(one.Definition)
		if parts == nil {
			return nil, fmt.Errorf("variable %s: %q is not understood", one.Name, one.Definition)
		}
		values, err := c.prometheus.values(t.Context(), v.expand(parts[1]), parts[2])
		switch {
		case err != nil:
			return nil, fmt.Errorf("variable %s: %w", one.Name, err)
		case len(values) > 0 && one.AllValue == "": // one must be chosen
			v = v.choosing(one.Name, values[0])
		case len(values) > 0:
			v = v.choosing(one.Name, anyOf(values))
		case lonely[one.Name] == "":
			return nil, fmt.Errorf("variable %s has no values", one.Name)
		}
	}
	return v, nil
}

// complaints are what is wrong with the panels of a dashboard for a viewer.
func (c *testCluster) complaints(t *testing.T, d dashboard, v viewer, quiet func(title string) bool) []string {
	var complaints []string
	for _, p := range d.all() {
		for _, one := range p.Targets {
			if fault := c.fault(t, d, p, one, v, quiet(p.title(one))); fault != "" {
				complaints = append(complaints, fmt.Sprintf("%s: %s: %s", p.title(one), fault, v.expand(one.Expr)))
			}
		}
	}
	return complaints
}

// fault is what is wrong with what one query of a panel is answered. A panel that may be empty must have a text for that.
func (c *testCluster) fault(t *testing.T, d dashboard, p panel, one target, v viewer, quiet bool) string {
	samples, err := c.asked(t, d, p, one, v)
	switch {
	case err != nil:
		return err.Error()
	case quiet && p.FieldConfig.Defaults.NoValue == "" && len(p.Targets) == 1:
		return `it shows "No data"`
	case quiet:
		return ""
	case !slices.ContainsFunc(samples, func(s sample) bool { return s.value != "NaN" }):
		return "it is empty"
	}
	for _, one := range samples {
		if one.value == "NaN" { // its line has no place on an axis, and takes the axis from the others
			return fmt.Sprintf("the series %v has no number", one.labels)
		}
	}
	for _, label := range p.columns() {
		has := func(s sample) bool { return s.labels[label] != "" }
		if label != "cluster" && sparse[p.Title] == "" && !slices.ContainsFunc(samples, has) {
			return "no line has a " + label
		}
	}
	return ""
}

// asked is what Prometheus answers one query of a panel as Grafana asks it.
func (c *testCluster) asked(t *testing.T, d dashboard, p panel, one target, v viewer) ([]sample, error) {
	window, err := d.window()
	if err != nil {
		return nil, err
	}
	step, err := p.step(window)
	if err != nil {
		return nil, err
	}
	all := grafana(window, step)
	maps.Copy(all, v)
	if one.Instant {
		return c.prometheus.query(t.Context(), all.expand(one.Expr))
	}
	return c.prometheus.queryRange(t.Context(), all.expand(one.Expr), window, step)
}

func (d dashboard) queries() (count int) {
	for _, p := range d.all() {
		count += len(p.Targets)
	}
	return count
}
