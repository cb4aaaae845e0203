package alerts

import (
	"context"
	"regexp"
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

// commands are those in the text of every alert, filled in.
func commands(g Gomega) map[string][]string {
	labels := map[string]string{"kind": "Bucket", "exported_namespace": "apps", "name": "shop", "namespace": "gotk", "app": "source-controller",
		"pod": "p", "controller": "bucket", "host": "h", "code": "500"}
	found := map[string][]string{}
	for _, a := range catalogue {
		for _, command := range regexp.MustCompile("`((?:kubectl|flux) [^`]+)`").FindAllStringSubmatch(filled(g, a.description, labels), -1) {
			found[a.name] = append(found[a.name], command[1])
		}
	}
	return found
}

func TestCommandsOfAlertsCanBePasted(t *testing.T) {
	g := NewWithT(t)
	for name, all := range commands(g) {
		for _, command := range all {
			g.Expect(command).To(MatchRegexp(` (-n (gotk|apps)|-A|--raw)( |$)`), "%s has no namespace", name)
			g.Expect(command).NotTo(MatchRegexp(`[ =][^' ]*[?*&][^' ]*( |$)`), "%s: a shell takes it for a pattern", name)
			g.Expect(command).NotTo(MatchRegexp(` (Bucket|bucket)s? `), "%s: others have that kind too", name)
			g.Expect(command).NotTo(ContainSubstring("grep concurrent"), "%s: the flag is not there by default", name)
		}
	}
}
