package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// ruleGroups are those of a FluxMonitoring without a word in its spec.
func ruleGroups() ([]monitoringv1.RuleGroup, error) {
	return alerts.Groups(alerts.Params{Exposure: exposure(), Job: fluxJob, StateJob: exporterJob, ExporterJob: exporterJob})
}

// further are the recordings that the history is made without. What they record follows from what it has.
func further(groups []monitoringv1.RuleGroup) []monitoringv1.RuleGroup {
	var all []monitoringv1.RuleGroup
	for _, g := range groups {
		g.Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r monitoringv1.Rule) bool {
			return r.Record == "" || slices.Contains(madeRecordings, r.Record)
		})
		if len(g.Rules) > 0 {
			all = append(all, g)
		}
	}
	return all
}

// recordedData is the folder of a Prometheus that holds the history with all recordings. It is made once.
func (b *bed) recordedData(ctx context.Context, h history) (string, error) {
	base, err := b.data(ctx, h)
	if err != nil {
		return "", err
	}
	groups, err := ruleGroups()
	if err != nil {
		return "", err
	}
	missing := further(groups)
	if len(missing) == 0 {
		return base, nil
	}
	content, err := yaml.Marshal(missing)
	if err != nil {
		return "", err
	}
	folder := historyFolder(filepath.Dir(base), fmt.Sprintf("%s\n%s", base, content))
	if used(folder) {
		return folder, nil
	}
	b.progress("recording what the rules of %d groups record, once", len(missing))
	return folder, aside(folder, func(aside string) error {
		if err := os.CopyFS(aside, os.DirFS(base)); err != nil {
			return err
		}
		return b.record(ctx, h, aside, missing)
	})
}

// record evaluates recordings over the history, and puts the blocks beside the others. What looks back further than the history
// goes records what there is, as in a Prometheus that is new.
func (b *bed) record(ctx context.Context, h history, folder string, groups []monitoringv1.RuleGroup) error {
	tools, err := parts.Build(ctx, os.Stderr, "promtool")
	if err != nil {
		return err
	}
	s, err := b.serve(ctx, folder, h.end())
	if err != nil {
		return err
	}
	defer s.process.stop()
	for _, g := range groups {
		if err := b.recordGroup(ctx, h, s, filepath.Join(tools[0], "promtool"), g, folder); err != nil {
			return fmt.Errorf("%s: %w", g.Name, err)
		}
	}
	return nil
}

// recordGroup has promtool evaluate a group's recordings, as often as the group says.
func (b *bed) recordGroup(ctx context.Context, h history, s *server, promtool string, g monitoringv1.RuleGroup, folder string) error {
	every, err := intervalOf(g)
	if err != nil {
		return err
	}
	content, err := yaml.Marshal(map[string]any{"groups": []monitoringv1.RuleGroup{g}})
	if err != nil {
		return err
	}
	rules := filepath.Join(b.folder, "recordings.yaml")
	if err := os.WriteFile(rules, content, 0o644); err != nil {
		return err
	}
	tool := exec.CommandContext(ctx, promtool, "tsdb", "create-blocks-from", "rules", "--url=http://"+s.address,
		"--start="+historyStart.Format(time.RFC3339), "--end="+h.end().Format(time.RFC3339), "--eval-interval="+every.String(),
		"--output-dir="+folder, rules)
	if said, err := tool.CombinedOutput(); err != nil {
		return fmt.Errorf("promtool: %w\n%s", err, said)
	}
	return nil
}

// historyFolder is the folder of what follows from a text.
func historyFolder(cache, from string) string {
	return filepath.Join(cache, fmt.Sprintf("history-%.8x", sha256.Sum256([]byte(from))))
}

// used reports whether the folder is there, and notes that it was of use now.
func used(folder string) bool {
	now := time.Now()
	return os.Chtimes(folder, now, now) == nil
}

// aside has a folder made beside where it belongs, and moves it there when it is whole.
func aside(folder string, make func(aside string) error) error {
	beside, err := os.MkdirTemp(filepath.Dir(folder), ".building-history-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(beside) //nolint:errcheck // it has been moved, or what broke is told.
	if err := make(beside); err != nil {
		return err
	}
	if err := os.Chmod(beside, 0o755); err != nil {
		return err
	}
	return os.Rename(beside, folder)
}
