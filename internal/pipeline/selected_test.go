package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestWhatIsMissingIsSaidOfEachPrometheusInOneSentence(t *testing.T) {
	g := NewWithT(t)
	g.Expect(pipeline.NotSelecting(nil)).To(BeEmpty())
	g.Expect(pipeline.NotSelecting([]v1alpha1.PrometheusStatus{
		{Kind: "Prometheus", Namespace: "monitoring", Name: "k8s", Issues: []v1alpha1.PrometheusIssue{{Message: "one thing"}, {Message: "another thing"}}},
		{Kind: "Prometheus", Namespace: "monitoring", Name: "content"},
		{Kind: "PrometheusAgent", Namespace: "edge", Name: "agent", Issues: []v1alpha1.PrometheusIssue{{Message: "a third"}}},
	})).To(Equal([]string{"Prometheus monitoring/k8s: one thing; another thing", "PrometheusAgent edge/agent: a third"}))
}

func TestAPrometheusIsJudgedByWhatIsThereToTakeUp(t *testing.T) {
	yes := true
	agent := selecting("agent", "release", "kps")
	agent.Kind = "PrometheusAgent"
	for name, c := range map[string]struct {
		spec           string
		server, member v1alpha1.PrometheusStatus
	}{
		"everything": {"{}", v1alpha1.PrometheusStatus{PodMonitorsSelected: &yes, RulesSelected: &yes}, v1alpha1.PrometheusStatus{PodMonitorsSelected: &yes}},
		"no rules":   {"{alerts: {enabled: false}, dashboards: {enabled: false}}", v1alpha1.PrometheusStatus{PodMonitorsSelected: &yes}, v1alpha1.PrometheusStatus{PodMonitorsSelected: &yes}},
		"no scrape":  {"scrape: {enabled: false}", v1alpha1.PrometheusStatus{RulesSelected: &yes}, v1alpha1.PrometheusStatus{}},
	} {
		t.Run(name, func(t *testing.T) {
			facts := everything()
			facts.Prometheuses = []selection.Instance{selecting("server", "release", "kps"), agent}
			fm := monitoring(t, c.spec)
			objects, err := desired.Objects(fm, facts)
			must(t, err)
			c.server.Kind, c.server.Namespace, c.server.Name = "Prometheus", "monitoring", "server"
			c.member.Kind, c.member.Namespace, c.member.Name = "PrometheusAgent", "monitoring", "agent"
			NewWithT(t).Expect(pipeline.Prometheuses(fm, facts, objects)).To(Equal([]v1alpha1.PrometheusStatus{c.server, c.member}))
		})
	}
}
