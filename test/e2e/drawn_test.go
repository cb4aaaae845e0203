//go:build e2e

package e2e_test

import (
	"fmt"
	"maps"
	"testing"

	. "github.com/onsi/gomega"
)

// quiet are the queries that rightly give nothing in the test bed, and why.
var quiet = map[string]string{
	"Buckets ops/min: {{cluster}} all": "there is no Bucket, as there is no object storage to point it at",
	"Not reconciled for two hours":     "every object is reconciled all the time",
	"Objects Flux has given up on":     "Flux goes on trying with everything here that fails",
	"Failures within two hours":        "what fails here has failed since before anybody looked",
	"Behind their source":              "every Kustomization that is ready has applied what its source has",
}

// lonely are the variables without a value, and why.
var lonely = map[string]string{
	"cluster": "series carry no such label where nobody gathers several clusters in one place; its .* matches that",
}

func TestEveryVariableOfEveryDashboardHasValues(t *testing.T) {
	shared.monitored(t, "{}")
	for _, d := range shared.dashboards(t) {
		t.Run(d.Title, func(t *testing.T) {
			NewWithT(t).Eventually(func(g Gomega) {
				_, err := shared.choices(t, d)
				g.Expect(err).NotTo(HaveOccurred())
			}, patient, nowAndThen).Should(Succeed(), "the dashboard's variables should be answered")
		})
	}
}

func TestEveryQueryOfEveryDashboardIsAnsweredToWhoeverChoseNothing(t *testing.T) {
	shared.monitored(t, "{}")
	shared.answersAll(t, func(*testing.T, dashboard) viewer { return nil })
}

func TestEveryQueryOfEveryDashboardIsAnsweredToWhoeverChoseEachValue(t *testing.T) {
	shared.monitored(t, "{}")
	shared.answersAll(t, func(t *testing.T, d dashboard) viewer {
		choices, err := shared.choices(t, d)
		must(t, err)
		return choices
	})
}

// answersAll waits until each query of each dashboard has an answer for the viewer.
func (c *testCluster) answersAll(t *testing.T, chosen func(*testing.T, dashboard) viewer) {
	t.Helper()
	dashboards := c.dashboards(t)
	NewWithT(t).Expect(dashboards).To(HaveLen(2))
	for _, d := range dashboards {
		t.Run(d.Title, func(t *testing.T) {
			v := d.undecided()
			maps.Copy(v, chosen(t, d))
			NewWithT(t).Eventually(func() []string { return c.unanswered(t, d, v) }, patient, nowAndThen).
				Should(BeEmpty(), "every query should be answered")
			t.Logf("%d panels, %d queries", len(d.all()), d.queries())
		})
	}
}

// undecided is the viewer who left every variable at All.
func (d dashboard) undecided() viewer {
	v := maps.Clone(grafana)
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
		case len(values) > 0:
			v = v.choosing(one.Name, anyOf(values))
		case lonely[one.Name] == "":
			return nil, fmt.Errorf("variable %s has no values", one.Name)
		}
	}
	return v, nil
}

// unanswered are the complaints about a dashboard's queries.
func (c *testCluster) unanswered(t *testing.T, d dashboard, v viewer) []string {
	var complaints []string
	for _, p := range d.all() {
		for _, one := range p.Targets {
			ask := c.prometheus.queryRange
			if one.Instant {
				ask = c.prometheus.query
			}
			expr := v.expand(one.Expr)
			samples, err := ask(t.Context(), expr)
			switch {
			case err != nil:
				complaints = append(complaints, fmt.Sprintf("%s: %s: %s", p.title(one), err, expr))
			case quiet[p.title(one)] == "" && !anyNumber(samples):
				complaints = append(complaints, fmt.Sprintf("%s: empty: %s", p.title(one), expr))
			}
		}
	}
	return complaints
}

// anyNumber reports whether there is something to draw.
func anyNumber(samples []sample) bool {
	for _, s := range samples {
		if s.value != "NaN" {
			return true
		}
	}
	return false
}

func (d dashboard) queries() (count int) {
	for _, p := range d.all() {
		count += len(p.Targets)
	}
	return count
}
