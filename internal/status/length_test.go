package status

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/test/given"
)

// longer are the messages about one object that are longer than 120 characters, and why.
var longer = map[string]string{
	"alerts that reach no receiver": "it is about many alerts, and either of two changes can be wrong for the reader",
	"no Alertmanager object":        "it names the field of an object that the reader has yet to create",
}

func TestAMessageAboutOneObjectHasAtMost120Characters(t *testing.T) {
	fm := given.FluxMonitoring(t, "{}")
	one := func(kind schema.GroupVersionKind) []*unstructured.Unstructured {
		o := &unstructured.Unstructured{}
		o.SetGroupVersionKind(kind)
		o.SetName("flux-dashboard-control-plane")
		return []*unstructured.Unstructured{o}
	}
	exporter := func(e facts.Exporter) string {
		return exporterCondition(fm, e, "the controllers of Flux v2.9.5 do not export the state of their objects").message
	}
	messages := map[string]string{
		"a conflict":                         conflict(claims.Decision{Winner: types.NamespacedName{Namespace: "team-payments", Name: "flux"}, Use: claims.Use{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s"}}),
		"a namespace that does not exist":    fluxNotFound(fm, &Run{}),
		"a namespace without Flux":           fluxNotFound(fm, &Run{Facts: facts.Facts{FluxNamespaceExists: true}}),
		"controllers that are gone":          controllersGone(fm),
		"a namespace that is being deleted":  namespaceTerminating(fm),
		"a missing kind":                     apisMissing(one(kinds.PodMonitor), nil),
		"a missing kind of a served API":     apisMissing(one(kinds.AlertmanagerConfig), map[schema.GroupVersionKind]bool{kinds.PrometheusAgent: true}),
		"a missing kind of Flux":             apisMissing(one(kinds.FluxProvider), nil),
		"a missing kind of grafana-operator": apisMissing(one(kinds.GrafanaDashboard), nil),
		"suspended":                          suspended(fm).message,
		"the series limit":                   limitMessage([]string{"team-payments"}),
		"the exporter":                       exporter(facts.Exporter{Serving: true}),
		"an exporter that starts":            exporter(facts.Exporter{}),
		"an exporter that is late":           exporter(facts.Exporter{Overdue: true}),
		"effective without receivers":        effectiveMessage(pipeline.Evaluation{By: []string{"monitoring/k8s"}}, pipeline.Routing{}),
		"effective with receivers": effectiveMessage(pipeline.Evaluation{By: []string{"monitoring/k8s"}},
			pipeline.Routing{HasReceivers: true, By: []string{"monitoring/main"}}),
		"alerts that reach no receiver": notRouted(fm, pipeline.Routing{HasReceivers: true, By: []string{"monitoring/main"},
			Unrouted: []string{"FluxManyResourcesNotReady", "ReconciliationFailure"}}).message,
		"no Alertmanager object":        notRouted(fm, pipeline.Routing{HasReceivers: true}).message,
		"no Alertmanager configured":    notEvaluated(pipeline.Evaluation{By: []string{"monitoring/k8s"}}).message,
		"the metrics source":            sourceMessage(flux.OperatorReport, "flux-operator runs in namespace flux-system"),
		"nothing to do":                 summary(&Run{}),
		"a rule that is not applied":    unapplied(&Run{Desired: one(kinds.PrometheusRule)}, nil).message,
		"scraping that is not selected": firstOf([]string{"Prometheus monitoring/k8s: spec.podMonitorNamespaceSelector requires label team=x on namespace monitoring"}, ""),
	}
	for name, message := range messages {
		g := NewWithT(t)
		g.Expect(message).NotTo(BeEmpty(), name)
		if longer[name] == "" {
			g.Expect(len(message)).To(BeNumerically("<=", 120), "%s: %s", name, message)
		} else {
			g.Expect(len(message)).To(BeNumerically(">", 120), "%s is not too long any more: %s", name, message)
		}
	}
	NewWithT(t).Expect(firstOf([]string{"a", "b", "c"}, "status.prometheuses")).To(Equal("a (and 2 more, see status.prometheuses)"))
}
