package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/must"
)

// asking is the interval of verification while it is measured, and verifyFor how long. The default interval is 5 minutes.
const asking, verifyFor = 10 * time.Second, 3 * time.Minute

// verify measures what verification costs one operator with one resource: off, and then on with an answer in which all is well.
func verify(ctx context.Context, b *bed) []figure {
	b.withOperator(ctx)
	fm := fluxMonitoring("monitoring", "flux-system")
	fm.Spec.Prometheus.Verify.Mode = v1alpha1.VerifyModeOff
	must.Succeed(b.Create(ctx, fm))
	b.quiet(ctx)
	off, offCPU := b.cost(ctx)

	server := b.wellPrometheus(ctx)
	defer server.Close()
	patch := fmt.Sprintf(`{"spec": {"prometheus": {"verify": {"mode": "Auto", "interval": %q, "address": %q}}}}`, asking, server.URL)
	must.Succeed(b.Patch(ctx, fm, client.RawPatch("application/merge-patch+json", []byte(patch))))
	pause(ctx, b.settle)
	on, onCPU := b.cost(ctx)
	must.Succeed(b.Get(ctx, client.ObjectKeyFromObject(fm), fm))
	for _, condition := range []string{v1alpha1.ConditionScraped, v1alpha1.ConditionRulesHealthy} {
		if c := meta.FindStatusCondition(fm.Status.Conditions, condition); c == nil || c.Status != "True" {
			must.Succeed(fmt.Errorf("%s should be True: %+v", condition, c))
		}
	}
	return []figure{
		plain("resident, off and on", "%.1f and %.1f MiB", off.resident, on.resident),
		plain("  of that allocated", "%.1f and %.1f MiB", off.anonymous, on.anonymous),
		plain("  on / off", "%.2f", on.resident/off.resident),
		plain("CPU at rest, off and asking every 10 s", "%.2f and %.2f %% of a core", percent(offCPU), percent(onCPU)),
		plain("  for one round of questions", "%.1f ms", milliseconds(onCPU-offCPU)*float64(asking)/float64(verifyFor)),
	}
}

func percent(cpu time.Duration) float64 { return 100 * float64(cpu) / float64(verifyFor) }

// cost is the memory after some time at rest, and the CPU time meanwhile.
func (b *bed) cost(ctx context.Context) (memoryUse, time.Duration) {
	before := b.measured.cpu()
	b.progress("measuring for %s", verifyFor)
	pause(ctx, verifyFor)
	return b.measured.memory(), b.measured.cpu() - before
}

// wellPrometheus answers as a Prometheus in which everything that the operator has applied works, at an address that is not loopback.
func (b *bed) wellPrometheus(ctx context.Context) *httptest.Server {
	var rule monitoringv1.PrometheusRule
	must.Succeed(b.Get(ctx, client.ObjectKey{Namespace: "monitoring", Name: "flux"}, &rule))
	route := must.Get(net.Dial("udp", "192.0.2.1:9")) // it sends nothing
	host, _, err := net.SplitHostPort(route.LocalAddr().String())
	must.Succeed(err)
	must.Succeed(route.Close())
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data := map[string]any{}
		switch {
		case strings.HasSuffix(r.URL.Path, "/rules"):
			data["groups"] = groupsOf(&rule)
		case strings.HasSuffix(r.URL.Path, "/targets"):
			data["activeTargets"] = targetsOf(r.FormValue("scrapePool"))
		case strings.HasSuffix(r.URL.Path, "/query"):
			data["result"] = []any{map[string]any{"value": []any{1, "1"}}}
		default:
			data["activeAlertmanagers"] = []any{map[string]any{"url": "http://alertmanager:9093"}}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": data})
	}))
	must.Succeed(s.Listener.Close())
	s.Listener = must.Get(net.Listen("tcp", net.JoinHostPort(host, "0")))
	s.Start()
	return s
}

// groupsOf are the groups of a rule as Prometheus has them.
func groupsOf(rule *monitoringv1.PrometheusRule) (groups []any) {
	for _, g := range rule.Spec.Groups {
		var rules []any
		for _, r := range g.Rules {
			rules = append(rules, map[string]any{
				"name": r.Alert + r.Record, "health": "ok", "query": r.Expr.String(), "labels": r.Labels, "annotations": r.Annotations,
			})
		}
		groups = append(groups, map[string]any{
			"name": g.Name, "file": fmt.Sprintf("/etc/prometheus/rules/monitoring-flux-%s.yaml", rule.UID), "interval": 30, "evaluationTime": 0.01,
			"lastEvaluation": time.Now(), "rules": rules,
		})
	}
	return groups
}

// targetsOf are the targets of a scrape pool: a pod of each controller, with as many labels as Kubernetes gives a pod.
func targetsOf(pool string) (targets []any) {
	if !strings.HasSuffix(pool, "/0") {
		return nil
	}
	labels := map[string]string{}
	for i := range 50 {
		labels[fmt.Sprintf("__meta_kubernetes_pod_label_number_%d", i)] = strings.Repeat("x", 30)
	}
	for _, controller := range cluster.Components {
		targets = append(targets, map[string]any{
			"scrapePool": pool, "health": "up", "labels": map[string]string{"pod": controller + "-5d9f-abcde"}, "discoveredLabels": labels,
		})
	}
	return targets
}
