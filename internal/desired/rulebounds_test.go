package desired

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/test/cost"
)

// ruled is a FluxMonitoring with so many rules of an expression in one group.
func ruled(t *testing.T, count int, expr string) *v1alpha1.FluxMonitoring {
	fm := monitoring(t, "{dashboards: {enabled: false}}")
	group := monitoringv1.RuleGroup{Name: "mine"}
	for i := range count {
		group.Rules = append(group.Rules, monitoringv1.Rule{Alert: fmt.Sprintf("Mine%d", i), Expr: intstr.FromString(expr)})
	}
	fm.Spec.Alerts.AdditionalGroups = []monitoringv1.RuleGroup{group}
	return fm
}

func TestWhatAUserWritesOfRulesIsBoundedBeforeItIsRead(t *testing.T) {
	times := strings.Repeat
	expand := times("x{1000}", 9)
	for name, c := range map[string]struct {
		fm   *v1alpha1.FluxMonitoring
		says string
	}{
		"parentheses": {
			ruled(t, 1, times("(", 30000)+"1"+times(")", 30000)),
			"spec.alerts.additionalGroups[0].rules[0].expr: the expression nests deeper than 100 levels",
		},
		"a long expression": {
			ruled(t, 1, times("x", 65537)), "spec.alerts.additionalGroups[0].rules[0].expr: the expression has 65537 bytes, more than the 65536 allowed",
		},
		"a sum in many rules": {
			ruled(t, 250, "1"+times("+1", 450)), "spec.alerts.additionalGroups: all expressions together have more than 100000 operators and " +
				"steps of regular expressions: move some of them to a PrometheusRule of your own",
		},
		"regular expressions in many rules": {
			ruled(t, 1000, `a{b=~"`+expand+`"}`), "spec.alerts.additionalGroups: all expressions together have more than 100000 operators and " +
				"steps of regular expressions: move some of them to a PrometheusRule of your own",
		},
		"many long expressions": {
			ruled(t, 20, `a{b="`+times("x", 60000)+`"}`), "spec.alerts.additionalGroups: " + errTooLarge.Error(),
		},
		"a long annotation of every alert": {
			monitoring(t, "alerts: {annotations: {a: "+times("x", 8192)+"}}"), "spec.alerts: labels and annotations have 8193 bytes, more than the 8192 allowed",
		},
		"a long annotation of one": {
			monitoring(t, "alerts: {overrides: [{name: FluxControllerDown}, {name: FluxResourceStalled, labels: {a: "+times("x", 8192)+"}}]}"),
			"spec.alerts.overrides[1]: labels and annotations have 8193 bytes, more than the 8192 allowed",
		},
		"a relabeling that expands": {
			monitoring(t, "scrape: {relabelings: [{action: drop, regex: '"+times("x{1000}", 11)+"'}]}"),
			`spec.scrape.relabelings[0]: the regular expression "` + times("x{1000}", 11) + `" expands to 22001 steps, more than the 20000 allowed: repeat less`,
		},
		"relabelings that expand together": {
			monitoring(t, "scrape: {metricRelabelings: ["+list(6, "{action: drop, regex: '"+expand+"'}")+"]}"),
			"spec.scrape.metricRelabelings[5]: the regular expressions up to here expand to more than 100000 steps",
		},
		"an expression by a patch": {
			monitoring(t, patch("{kind: PrometheusRule}", "- {op: add, path: /spec/groups/0/rules/0/expr, value: \""+times("(", 3000)+"\"}")),
			"spec.patches: a patch leaves PrometheusRule flux with what prometheus-operator refuses: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			cluster := everything()
			_, err := Objects(monitoring(t, "{}"), cluster)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(cost.Allocated(func() { _, err = Objects(c.fm, cluster) })).To(BeNumerically("<", 100*mebibyte))
			var invalid *ConfigurationError
			g.Expect(errors.As(err, &invalid)).To(BeTrue(), "%v", err)
			g.Expect(err).To(MatchError(HavePrefix(c.says)))
		})
	}
}
