package rules

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/test/rig"
)

var repository = filepath.Join("..", "..")

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

// groups renders the rules. The runbook's address is left out: every case would repeat it.
func groups(g Gomega, p alerts.Params) []monitoringv1.RuleGroup {
	rendered, err := alerts.Groups(p)
	g.Expect(err).NotTo(HaveOccurred())
	for _, group := range rendered {
		for _, r := range group.Rules {
			delete(r.Annotations, "runbook_url")
		}
	}
	return rendered
}

// only leaves the recordings, and of the alerts those of these names: promtool need not evaluate the others.
func only(all []monitoringv1.RuleGroup, names []string) []monitoringv1.RuleGroup {
	for i := range all {
		all[i].Rules = slices.DeleteFunc(all[i].Rules, func(r monitoringv1.Rule) bool {
			return r.Alert != "" && !slices.Contains(names, r.Alert)
		})
	}
	return slices.DeleteFunc(all, func(group monitoringv1.RuleGroup) bool { return len(group.Rules) == 0 })
}

// write writes rules into a directory the cases are copied to, as they name their rule file beside them.
func write(t *testing.T, directory string, groups []monitoringv1.RuleGroup) string {
	t.Helper()
	rendered, err := yaml.Marshal(monitoringv1.PrometheusRuleSpec{Groups: groups})
	rig.Must(t, err)
	path := filepath.Join(directory, "rules.yaml")
	rig.Must(t, os.WriteFile(path, rendered, 0o600))
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
	run(t, p, read(t, changed(rig.Read(t, file))))
}

// run has promtool judge cases on rendered rules.
func run(t *testing.T, p alerts.Params, cases caseFile) {
	t.Helper()
	tool, err := promtool()
	NewWithT(t).Expect(err).NotTo(HaveOccurred(), "promtool is needed")
	judge(t, filepath.Dir(lay(t, p, cases.about(p.State, clock{}))), tool, "test", "rules")
}

// lay writes rendered rules, and cases about their source beside them, and returns the path of the cases.
func lay(t *testing.T, p alerts.Params, cases caseFile) string {
	t.Helper()
	g := NewWithT(t)
	g.Expect(cases.Tests).NotTo(BeEmpty(), "no case is about %s", p.State)
	directory := t.TempDir()
	write(t, directory, only(groups(g, p), cases.named()))
	text, err := yaml.Marshal(cases)
	rig.Must(t, err)
	path := filepath.Join(directory, "cases.yaml")
	rig.Must(t, os.WriteFile(path, text, 0o600))
	return path
}

func asWritten(text string) string { return text }
