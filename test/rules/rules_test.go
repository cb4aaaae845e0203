package rules

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/query"
)

var repository = filepath.Join("..", "..")

// fixture is the Flux most cases are about: the last release whose controllers tell the state of objects themselves.
func fixture() alerts.Params {
	return alerts.Params{
		Exposure: flux.Exposure{
			Flux: flux.Installation{Namespace: "flux-system", Version: "v2.4.0", Controllers: []flux.Controller{
				{Name: "kustomize-controller", App: "kustomize-controller", Component: flux.KustomizeController},
				{Name: "notification-controller", App: "notification-controller", Component: flux.NotificationController},
				{Name: "source-controller", App: "source-controller", Component: flux.SourceController},
			}},
			Cardinality: flux.Minimal,
			State:       flux.Controllers,
		},
		Job: "monitoring/flux",
	}
}

// promtool is the path of promtool: what PROMTOOL names, else the tool pinned in tools/go.mod, built on first use.
var promtool = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("PROMTOOL"); path != "" {
		return path, nil
	}
	pins := "-modfile=" + filepath.Join(repository, "tools", "go.mod")
	path, err := exec.Command("go", "tool", "-n", pins, "promtool").Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("set PROMTOOL to its path, or pin it in tools/go.mod: %w: %s", err, exit.Stderr)
	}
	return strings.TrimSpace(string(path)), err
})

// write renders the rules into a directory the cases are copied to, as they name their rule file beside them. The
// runbook's address is left out: every case would repeat it.
func write(t *testing.T, directory string, p alerts.Params) string {
	t.Helper()
	g := NewWithT(t)
	groups, err := alerts.Groups(p)
	g.Expect(err).NotTo(HaveOccurred())
	for _, group := range groups {
		for _, r := range group.Rules {
			delete(r.Annotations, "runbook_url")
		}
	}
	rendered, err := yaml.Marshal(monitoringv1.PrometheusRuleSpec{Groups: groups})
	g.Expect(err).NotTo(HaveOccurred())
	path := filepath.Join(directory, "rules.yaml")
	g.Expect(os.WriteFile(path, rendered, 0o600)).To(Succeed())
	return path
}

// passes runs promtool and expects it to be content. Without promtool the cases would prove nothing, so that is a failure
// and no reason to skip.
func passes(t *testing.T, arguments ...string) {
	t.Helper()
	g := NewWithT(t)
	path, err := promtool()
	g.Expect(err).NotTo(HaveOccurred(), "promtool is needed")
	out, err := exec.Command(path, arguments...).CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))
}

// passesOn runs the cases of a file on rendered rules, after a change to the cases' text.
func passesOn(t *testing.T, p alerts.Params, file string, changed func(string) string) {
	t.Helper()
	g := NewWithT(t)
	written, err := os.ReadFile(file)
	g.Expect(err).NotTo(HaveOccurred())
	directory := t.TempDir()
	write(t, directory, p)
	path := filepath.Join(directory, filepath.Base(file))
	g.Expect(os.WriteFile(path, []byte(changed(string(written))), 0o600)).To(Succeed())
	passes(t, "test", "rules", path)
}

func asWritten(text string) string { return text }

func TestAlertsFireWhenTheirCasesSaySo(t *testing.T) {
	for _, name := range alerts.Names() {
		t.Run(name, func(t *testing.T) {
			passesOn(t, fixture(), filepath.Join("cases", name+".yaml"), asWritten)
		})
	}
}

// told is the current Flux, with the state of its objects from a source.
func told(source flux.StateSource) alerts.Params {
	p := fixture()
	if source != flux.Controllers {
		p.Flux.Version, p.State = "v2.9.4", source
	}
	p.StateJob = map[flux.StateSource]string{
		flux.Exporter: "monitoring/flux-exporter", flux.OperatorReport: "monitoring/flux-flux-operator",
	}[source]
	p.ExporterJob = "monitoring/flux-exporter"
	return p
}

var sources = []flux.StateSource{flux.Exporter, flux.KubeStateMetrics, flux.OperatorReport, flux.Controllers}

func TestRecordingsSayOfObjectsWhatTheirCasesSay(t *testing.T) {
	for _, source := range sources {
		t.Run(string(source), func(t *testing.T) {
			passesOn(t, told(source), filepath.Join("sources", string(source)+".yaml"), asWritten)
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
	p := fixture()
	p.Cluster = "production-1"
	passesOn(t, p, "cluster.yaml", asWritten)
}

func TestRulesOfAClusterMindTheirOwnObjectsWhoeverTellsThem(t *testing.T) {
	for source, words := range map[flux.StateSource]*strings.Replacer{
		flux.Exporter: strings.NewReplacer("$COUNT", "gotk_resources", "$INFO", "gotk_resource_info", "$OTHER", "gotk_resource_info",
			"$JOB", "monitoring/flux-exporter", "$FALSE", "false"),
		flux.OperatorReport: strings.NewReplacer("$COUNT", "unused", "$INFO", "flux_resource_info", "$OTHER", "flux_instance_info",
			"$JOB", "monitoring/flux-flux-operator", "$FALSE", "False"),
	} {
		t.Run(string(source), func(t *testing.T) {
			p := told(source)
			p.Cluster = "production-1"
			passesOn(t, p, "cluster-sources.yaml", words.Replace)
		})
	}
}

// shown are the queries the cases of panels name.
var shown = map[string]query.Query{
	"APIErrors": query.APIErrors, "ControllersUpCount": query.ControllersUpCount, "MemoryTotal": query.MemoryTotal,
	"NotReadyCount": query.NotReadyCount, "ObjectCount": query.ObjectCount, "ObjectsByKind": query.ObjectsByKind,
	"Readiness": query.Readiness, "ReconciliationSeconds": query.ReconciliationSeconds,
	"APIErrorRatio":                 query.APIErrorRatio,
	"ReconciliationSecondsByObject": query.ReconciliationSecondsByObject,
	"ReconciliationsByKind":         query.ReconciliationsByKind, "SilentObjects": query.SilentObjects,
	"Suspended": query.Suspended,
}

func TestPanelsShowWhatTheirCasesSay(t *testing.T) {
	g := NewWithT(t)
	passesOn(t, fixture(), "panels.yaml", func(text string) string {
		return os.Expand(text, func(name string) string {
			if name == "Name" {
				return "$Name" // the comment that explains it
			}
			g.Expect(shown).To(HaveKey(name))
			return strconv.Quote(shown[name].Within(query.Is(flux.LabelJob, fixture().Job)).String())
		})
	})
}

func TestWhatIsRenderedIsARuleFile(t *testing.T) {
	sharded := fixture()
	sharded.Cluster = "production-1"
	sharded.Labels = map[string]string{"team": "platform"}
	sharded.Flux.Controllers = append(sharded.Flux.Controllers, flux.Controller{
		Name: "source-controller-shard1", App: "source-controller-shard1", Component: flux.SourceController})
	current := fixture()
	current.Flux.Version = "v2.9.4"
	empty := fixture()
	empty.Flux.Controllers = nil
	for name, p := range map[string]alerts.Params{
		"the fixture": fixture(), "a sharded Flux": sharded, "the current Flux": current, "no controllers": empty,
		"the exporter": told(flux.Exporter), "kube-state-metrics": told(flux.KubeStateMetrics), "flux-operator": told(flux.OperatorReport),
	} {
		t.Run(name, func(t *testing.T) {
			passes(t, "check", "rules", "--lint=all", "--lint-fatal", write(t, t.TempDir(), p))
		})
	}
}

// caseFile is what the test reads of a promtool test file.
type caseFile struct {
	RuleFiles []string `json:"rule_files"`
	Tests     []struct {
		Name           string
		AlertRuleTests []struct {
			AlertName string `json:"alertname"`
			ExpAlerts []any  `json:"exp_alerts"`
		} `json:"alert_rule_test"`
	}
}

func TestEveryCaseSaysWhenItsAlertFiresAndWhenItIsSilent(t *testing.T) {
	for _, name := range alerts.Names() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			written, err := os.ReadFile(filepath.Join("cases", name+".yaml"))
			g.Expect(err).NotTo(HaveOccurred())
			var file caseFile
			g.Expect(yaml.Unmarshal(written, &file)).To(Succeed())
			g.Expect(file.RuleFiles).To(Equal([]string{"rules.yaml"}))
			firing, silent := 0, 0
			for _, c := range file.Tests {
				g.Expect(c.Name).NotTo(BeEmpty(), "a case is named by a sentence")
				for _, expectation := range c.AlertRuleTests {
					g.Expect(expectation.AlertName).To(Equal(name))
					if len(expectation.ExpAlerts) > 0 {
						firing++
					} else {
						silent++
					}
				}
			}
			g.Expect(firing).To(BeNumerically(">", 0), "no case in which it fires")
			g.Expect(silent).To(BeNumerically(">", 0), "no case in which it is silent")
		})
	}
}

func TestThereIsNoCaseAndNoRunbookOfAnUnknownAlert(t *testing.T) {
	for directory, extension := range map[string]string{"cases": ".yaml", filepath.Join(repository, "docs", "runbooks"): ".md"} {
		g := NewWithT(t)
		files, err := filepath.Glob(filepath.Join(directory, "*"+extension))
		g.Expect(err).NotTo(HaveOccurred())
		var names []string
		for _, f := range files {
			if name := strings.TrimSuffix(filepath.Base(f), extension); name != "README" {
				names = append(names, name)
			}
		}
		g.Expect(names).To(Equal(alerts.Names()), directory)
	}
}

func TestEveryAlertHasARunbook(t *testing.T) {
	for _, name := range alerts.Names() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			written, err := os.ReadFile(filepath.Join(repository, "docs", "runbooks", name+".md"))
			g.Expect(err).NotTo(HaveOccurred())
			text := string(written)
			g.Expect(text).To(HavePrefix("# " + name + "\n"))
			last := 0
			for _, heading := range []string{"\n## Meaning\n", "\n## Impact\n", "\n## Diagnosis\n", "\n## Mitigation\n"} {
				at := strings.Index(text, heading)
				g.Expect(at).To(BeNumerically(">", last), "%q is missing or out of order", heading)
				last = at
			}
			g.Expect(text).To(MatchRegexp("(?m)^(kubectl|flux) "), "no command to run")
		})
	}
}
