package main

import (
	"bufio"
	"context"
	"errors"
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
	"github.com/fluxmonitoring/operator/test/must"
)

// ruleGroups are those of a FluxMonitoring with an empty spec.
func ruleGroups() []monitoringv1.RuleGroup {
	return must.Get(alerts.Groups(alerts.Params{Exposure: exposure(), Job: fluxJob, StateJob: exporterJob, ExporterJob: exporterJob}))
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

// record has Prometheus evaluate recordings over the history, and puts the blocks beside the others. What looks back further than
// the history goes records what there is, as in a Prometheus that is new.
func (b *bed) record(ctx context.Context, h history, folder string, groups []monitoringv1.RuleGroup) {
	b.progress("recording what the rules of %d groups record", len(groups))
	promtool := filepath.Join(must.Get(parts.Build(ctx, os.Stderr, "promtool"))[0], "promtool")
	s := b.serve(ctx, folder, h.end())
	defer s.process.Stop()
	rules := filepath.Join(b.folder, "recordings.yaml")
	for _, g := range groups {
		must.Succeed(os.WriteFile(rules, must.Get(yaml.Marshal(map[string]any{"groups": []monitoringv1.RuleGroup{g}})), 0o644))
		tool := exec.CommandContext(ctx, promtool, "tsdb", "create-blocks-from", "rules", "--url=http://"+s.address,
			"--start="+historyStart.Format(time.RFC3339), "--end="+h.end().Format(time.RFC3339), "--eval-interval="+intervalOf(g).String(),
			"--output-dir="+folder, rules)
		if output, err := tool.CombinedOutput(); err != nil {
			must.Succeed(fmt.Errorf("promtool: %w\n%s", err, output))
		}
	}
}

// data is the folder of a Prometheus that holds the history with all recordings.
func (b *bed) data(ctx context.Context, h history) string {
	folder := filepath.Join(b.folder, fmt.Sprint("history-", h.objects))
	b.progress("writing %d hours of %d objects", h.hours, h.objects)
	b.writeHistory(ctx, h, folder)
	if missing := further(ruleGroups()); len(missing) > 0 {
		b.record(ctx, h, folder, missing)
	}
	return folder
}

// writeHistory builds the program that writes blocks, and gives it the history. The program is a module of its own: Prometheus' storage
// needs much that nothing else here does.
func (b *bed) writeHistory(ctx context.Context, h history, folder string) {
	writer := filepath.Join(b.folder, "blocks")
	build := exec.CommandContext(ctx, "go", "build", "-o", writer, ".")
	build.Dir, build.Stderr = filepath.Join(must.Get(parts.Checkout()), "test", "bench", "blocks"), os.Stderr
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	must.Succeed(build.Run())
	program := exec.CommandContext(ctx, writer, folder)
	program.Stderr = os.Stderr
	in := must.Get(program.StdinPipe())
	must.Succeed(program.Start())
	buffered := bufio.NewWriterSize(in, 1<<20)
	err := must.Try(func() { h.write(buffered) })
	must.Succeed(errors.Join(err, buffered.Flush(), in.Close(), program.Wait()))
}
