package rules

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/test/rig"
)

// casesOf reads the cases of an alert.
func casesOf(t *testing.T, name string) caseFile {
	t.Helper()
	return read(t, rig.Read(t, filepath.Join("cases", name+".yaml")))
}

// provenOn are the sources of the objects' state with which an alert's cases are run: where they are about objects all that ship
// the alert, else the operator's own.
func provenOn(cases caseFile, name string) []flux.StateSource {
	if cases.aboutObjects() {
		return sourcesOf(name)
	}
	return []flux.StateSource{flux.Exporter}
}

func TestAlertsFireWhenTheirCasesSaySo(t *testing.T) {
	for _, name := range alerts.Names() {
		t.Run(name, func(t *testing.T) {
			cases := casesOf(t, name)
			for _, source := range provenOn(cases, name) {
				t.Run(string(source), func(t *testing.T) {
					t.Parallel()
					run(t, exporting(source), cases)
				})
			}
		})
	}
}

func TestEveryAlertHasCasesInWhichItFiresAndDoesNot(t *testing.T) {
	for _, name := range alerts.Names() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			cases := casesOf(t, name)
			g.Expect(provenOn(cases, name)).NotTo(BeEmpty(), "no metrics source has the alert")
			for _, source := range provenOn(cases, name) {
				firing, quiet := 0, 0
				for _, c := range cases.about(source, clock{}).Tests {
					g.Expect(c.Name).NotTo(BeEmpty(), "a case is named by a sentence")
					for _, expectation := range c.Alerts {
						switch {
						case expectation.AlertName != name: // another alert
						case len(expectation.ExpAlerts) > 0:
							firing++
						default:
							quiet++
						}
					}
				}
				g.Expect(firing).To(BeNumerically(">", 0), "no case in which it fires, by %s", source)
				g.Expect(quiet).To(BeNumerically(">", 0), "no case in which it does not fire, by %s", source)
			}
		})
	}
}

// hourly are the waits of a cluster whose objects have timeouts of an hour.
var hourly = map[string]flux.ReconcileTimings{"Kustomization": {Timeout: time.Hour}, "HelmRelease": {Timeout: time.Hour}}

func TestRulesOfEachSourcePassTheCases(t *testing.T) {
	for _, source := range sources {
		cluster, waiting := exporting(source), exporting(source)
		cluster.Cluster, waiting.Waits = "production-1", hourly
		for file, p := range map[string]alerts.Params{
			"sources/" + string(source) + ".yaml": exporting(source),
			"sources/all.yaml":                    exporting(source),
			"cluster.yaml":                        cluster,
			"waits/progress.yaml":                 waiting,
		} {
			t.Run(string(source)+"/"+file, func(t *testing.T) {
				t.Parallel()
				passesOn(t, p, file, asWritten)
			})
		}
	}
}

func TestAlertsFollowTheTimingsOfObjects(t *testing.T) {
	for file, waits := range map[string]map[string]flux.ReconcileTimings{
		"quick.yaml":  {"Kustomization": {Interval: 10 * time.Minute, Timeout: 5 * time.Minute, Retry: 30 * time.Minute}},
		"slow.yaml":   {"Kustomization": {Interval: 24 * time.Hour, Timeout: 2 * time.Hour}},
		"outage.yaml": {"Kustomization": {Interval: time.Hour, Timeout: 2 * time.Hour}},
		"rest.yaml":   {},
	} {
		t.Run(file, func(t *testing.T) {
			p := exporting(flux.Exporter)
			p.Waits = waits
			passesOn(t, p, filepath.Join("waits", file), asWritten)
		})
	}
}

func TestTheRuleOfFluxsGuideFires(t *testing.T) {
	NewWithT(t).Expect(rig.Read(t, "guide-rules.yaml")).To(ContainSubstring("expr: max(gotk_reconcile_condition{status=\"False\",type=\"Ready\"}) by " +
		"(namespace, name, kind) + on(namespace, name, kind) (max(gotk_reconcile_condition{status=\"Deleted\"}) by " +
		"(namespace, name, kind)) * 2 == 1\n        for: 10m\n"))
	passes(t, "test", "rules", "guide.yaml")
}

func TestRulesOfAClusterSelectItsObjectsOnly(t *testing.T) {
	for source, words := range map[flux.StateSource]*strings.Replacer{
		flux.Exporter: strings.NewReplacer("$COUNT", "gotk_resources", "$INFO", "gotk_resource_info", "$OTHER", "gotk_resource_info",
			"$JOB", "monitoring/flux-exporter", "$FALSE", "false"),
		flux.OperatorReport: strings.NewReplacer("$COUNT", "unused", "$INFO", "flux_resource_info", "$OTHER", "flux_instance_info",
			"$JOB", "monitoring/flux-flux-operator", "$FALSE", "False"),
	} {
		t.Run(string(source), func(t *testing.T) {
			p := exporting(source)
			p.Cluster = "production-1"
			passesOn(t, p, "cluster-sources.yaml", words.Replace)
		})
	}
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	sharded, waiting := exporting(flux.Controllers), exporting(flux.Exporter)
	sharded.Cluster, waiting.Cluster = "production-1", "production-1"
	sharded.Labels = map[string]string{"team": "platform"}
	sharded.Flux.Controllers = append(sharded.Flux.Controllers, flux.Controller{
		Name: "source-controller-shard1", App: "source-controller-shard1", Component: flux.SourceController})
	empty := exporting(flux.Controllers)
	empty.Flux.Controllers = nil
	waiting.Waits = map[string]flux.ReconcileTimings{
		"Kustomization": {Interval: 7 * 24 * time.Hour, Timeout: 3 * time.Hour, Retry: 90 * time.Second},
		"GitRepository": {Interval: time.Minute, Timeout: time.Minute},
	}
	rendered := map[string]alerts.Params{
		"a sharded Flux": sharded, "the current Flux, without a metrics source": exporting(""), "no controllers": empty,
		"long waits": waiting,
	}
	for _, source := range sources {
		cluster := exporting(source)
		cluster.Cluster = "production-1"
		rendered[string(source)], rendered[string(source)+" of a cluster"] = exporting(source), cluster
	}
	for name, p := range rendered {
		t.Run(name, func(t *testing.T) {
			passes(t, "check", "rules", "--lint=all", "--lint-fatal", write(t, t.TempDir(), groups(NewWithT(t), p)))
		})
	}
}
