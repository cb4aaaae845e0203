package alerts

import (
	"context"
	"regexp"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/template"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// filled is a text as Prometheus fills it in, for an alert with these labels and the value 7.
func filled(g Gomega, text string, labels map[string]string) string {
	data := template.AlertTemplateData(labels, nil, "", promql.Sample{F: 7})
	text = "{{ $labels := .Labels }}{{ $value := .Value }}" + text
	out, err := template.NewTemplateExpander(context.Background(), text, "alert", data, 0, nil, nil, nil).Expand()
	g.Expect(err).NotTo(HaveOccurred(), text)
	return out
}

func TestCommandsOfAlertsHaveTheFullResourceName(t *testing.T) {
	for _, k := range flux.Kinds() {
		g := NewWithT(t)
		command := filled(g, describe, map[string]string{"kind": k.Name, "exported_namespace": "apps", "name": "shop"})
		g.Expect(command).To(Equal("`kubectl -n apps describe " + k.Plural + "." + k.Group + " shop`."))
	}
}

// example are labels as long as they are in practice, with all that any alert's text uses.
var example = map[string]string{"kind": "Kustomization", "exported_namespace": "team-payments", "name": "checkout-service", "namespace": "gotk-system",
	"app": "image-automation-controller", "pod": "fluxmonitoring-operator-7d4b9c6f5d-x2x4z", "controller": "kustomization", "host": "10.96.0.1:443",
	"code": "500", "type": "AlertsEffective", "integration": "rocketchat", "rule_group": "FluxControlPlane-image-automation-controller"}

func TestTheSummaryOfAnAlertIsShort(t *testing.T) {
	for _, a := range catalogue {
		NewWithT(t).Expect(len(filled(NewWithT(t), a.summary, example))).To(BeNumerically("<=", 80), a.name+": "+a.summary)
	}
}

func TestTheDescriptionOfAnAlertEndsWithItsOnlyCommand(t *testing.T) {
	for _, a := range catalogue {
		NewWithT(t).Expect(filled(NewWithT(t), a.description, example)).To(MatchRegexp("^[^`]+: `(kubectl|flux) [^`]+`\\.$"), a.name)
	}
}

func TestTheCommandOfAnAlertCanBePasted(t *testing.T) {
	clusterWide := []string{"kubectl get --raw '/readyz?verbose'"}
	for _, a := range catalogue {
		g := NewWithT(t)
		command := regexp.MustCompile("`([^`]+)`").FindStringSubmatch(filled(g, a.description, example))[1]
		if !slices.Contains(clusterWide, command) {
			g.Expect(command).To(MatchRegexp(` (-n (gotk-system|team-payments)|-A)( |$)`), "%s has no namespace", a.name)
			g.Expect(command).To(MatchRegexp(`^flux get all |^kubectl (-n \S+ )?(logs|(get|describe) (pods|\w+(\.\w+)+)) `),
				"%s: another API group can have that kind too", a.name)
		}
		g.Expect(command).NotTo(MatchRegexp(`[ =][^' ]*[?*&][^' ]*( |$)`), "%s: a shell expands it", a.name)
		g.Expect(command).NotTo(ContainSubstring("grep concurrent"), "%s: the flag is not there by default", a.name)
	}
}
