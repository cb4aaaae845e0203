package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
)

// casesOf reads the cases of an alert.
func casesOf(g Gomega, name string) caseFile {
	written, err := os.ReadFile(filepath.Join("cases", name+".yaml"))
	g.Expect(err).NotTo(HaveOccurred())
	return read(g, string(written))
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
			cases := casesOf(NewWithT(t), name)
			for _, source := range provenOn(cases, name) {
				t.Run(string(source), func(t *testing.T) {
					t.Parallel()
					run(t, told(source), cases)
				})
			}
		})
	}
}

func TestEveryCaseSaysWhenItsAlertFiresAndWhenItIsSilentOnEverySource(t *testing.T) {
	for _, name := range alerts.Names() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			cases := casesOf(g, name)
			g.Expect(provenOn(cases, name)).NotTo(BeEmpty(), "no metrics source has the alert")
			for _, source := range provenOn(cases, name) {
				firing, silent := 0, 0
				for _, c := range cases.about(source, clock{}).Tests {
					g.Expect(c.Name).NotTo(BeEmpty(), "a case is named by a sentence")
					for _, expectation := range c.Alerts {
						switch {
						case expectation.AlertName != name: // what else the case is not about
						case len(expectation.ExpAlerts) > 0:
							firing++
						default:
							silent++
						}
					}
				}
				g.Expect(firing).To(BeNumerically(">", 0), "no case in which it fires, by %s", source)
				g.Expect(silent).To(BeNumerically(">", 0), "no case in which it is silent, by %s", source)
			}
		})
	}
}

func TestRecordingsSayOfObjectsWhatTheirCasesSay(t *testing.T) {
	for _, source := range sources {
		t.Run(string(source), func(t *testing.T) {
			passesOn(t, told(source), filepath.Join("sources", string(source)+".yaml"), asWritten)
		})
	}
}

func TestRecordingsSayTheSameWhateverTellsThem(t *testing.T) {
	for _, source := range sources {
		t.Run(string(source), func(t *testing.T) {
			passesOn(t, told(source), filepath.Join("sources", "all.yaml"), asWritten)
		})
	}
}

func TestAlertsFollowHowLongObjectsMayTake(t *testing.T) {
	for file, waits := range map[string]map[string]flux.ReconcileTimings{
		"quick.yaml":  {"Kustomization": {Interval: 10 * time.Minute, Timeout: 5 * time.Minute, Retry: 30 * time.Minute}},
		"slow.yaml":   {"Kustomization": {Interval: 24 * time.Hour, Timeout: 2 * time.Hour}},
		"outage.yaml": {"Kustomization": {Interval: time.Hour, Timeout: 2 * time.Hour}},
		"rest.yaml":   {},
	} {
		t.Run(file, func(t *testing.T) {
			p := told(flux.Exporter)
			p.Waits = waits
			passesOn(t, p, filepath.Join("waits", file), asWritten)
		})
	}
}

func TestWhatProgressesHasItsTimeAndWhatHasFailedHasNoneWhateverTellsOfIt(t *testing.T) {
	for _, source := range sources {
		t.Run(string(source), func(t *testing.T) {
			t.Parallel()
			p := told(source)
			p.Waits = map[string]flux.ReconcileTimings{"Kustomization": {Timeout: time.Hour}, "HelmRelease": {Timeout: time.Hour}}
			passesOn(t, p, filepath.Join("waits", "progress.yaml"), asWritten)
		})
	}
}

func TestTheGuidesOwnRuleComesAliveUnchanged(t *testing.T) {
	g := NewWithT(t)
	rules, err := os.ReadFile("guide-rules.yaml")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(rules)).To(ContainSubstring("expr: max(gotk_reconcile_condition{status=\"False\",type=\"Ready\"}) by " +
		"(namespace, name, kind) + on(namespace, name, kind) (max(gotk_reconcile_condition{status=\"Deleted\"}) by " +
		"(namespace, name, kind)) * 2 == 1\n        for: 10m\n"))
	passes(t, "test", "rules", "guide.yaml")
}

func TestRulesOfAClusterMindTheirOwnObjects(t *testing.T) {
	for _, source := range sources {
		t.Run(string(source), func(t *testing.T) {
			passesOn(t, among(source), "cluster.yaml", asWritten)
		})
	}
}

func TestRulesOfAClusterMindTheirOwnObjectsWhoeverTellsThem(t *testing.T) {
	for source, words := range map[flux.StateSource]*strings.Replacer{
		flux.Exporter: strings.NewReplacer("$COUNT", "gotk_resources", "$INFO", "gotk_resource_info", "$OTHER", "gotk_resource_info",
			"$JOB", "monitoring/flux-exporter", "$FALSE", "false"),
		flux.OperatorReport: strings.NewReplacer("$COUNT", "unused", "$INFO", "flux_resource_info", "$OTHER", "flux_instance_info",
			"$JOB", "monitoring/flux-flux-operator", "$FALSE", "False"),
	} {
		t.Run(string(source), func(t *testing.T) {
			passesOn(t, among(source), "cluster-sources.yaml", words.Replace)
		})
	}
}

func TestWhatIsRenderedIsARuleFile(t *testing.T) {
	sharded := among(flux.Controllers)
	sharded.Labels = map[string]string{"team": "platform"}
	sharded.Flux.Controllers = append(sharded.Flux.Controllers, flux.Controller{
		Name: "source-controller-shard1", App: "source-controller-shard1", Component: flux.SourceController})
	empty := told(flux.Controllers)
	empty.Flux.Controllers = nil
	waiting := among(flux.Exporter)
	waiting.Waits = map[string]flux.ReconcileTimings{
		"Kustomization": {Interval: 7 * 24 * time.Hour, Timeout: 3 * time.Hour, Retry: 90 * time.Second},
		"GitRepository": {Interval: time.Minute, Timeout: time.Minute},
	}
	rendered := map[string]alerts.Params{
		"a sharded Flux": sharded, "the current Flux, of whose objects nothing tells": told(""), "no controllers": empty,
		"long waits": waiting,
	}
	for _, source := range sources {
		rendered[string(source)], rendered[string(source)+" of a cluster"] = told(source), among(source)
	}
	for name, p := range rendered {
		t.Run(name, func(t *testing.T) {
			passes(t, "check", "rules", "--lint=all", "--lint-fatal", write(t, t.TempDir(), groups(NewWithT(t), p)))
		})
	}
}
