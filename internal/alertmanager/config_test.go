package alertmanager

import (
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	validation "github.com/prometheus-operator/prometheus-operator/pkg/alertmanager/validation/v1beta1"
	monitoringv1beta1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/test/golden"
)

// inYAML is a part of a spec as a user reads it.
func inYAML(g Gomega, value any) string {
	content, err := yaml.Marshal(value)
	g.Expect(err).NotTo(HaveOccurred())
	return string(content)
}

func TestConfigurationsMatchGoldenFiles(t *testing.T) {
	for name, change := range map[string]func(*Params){
		"one-receiver": func(*Params) {},
		"no-times":     func(p *Params) { p.GroupWait, p.GroupInterval, p.RepeatInterval = "", "", "" },
		"routes": func(p *Params) {
			p.Routes = []Route{{Receiver: "shop", Severities: []string{"critical", "warning"}, Namespaces: []string{"shop", "a.b"}}}
		},
		"unsent-before-routes": func(p *Params) {
			p.Unsent = []string{"warning", "info"}
			p.Routes = []Route{{Receiver: "shop", Severities: []string{"critical"}}}
		},
		"heartbeat": func(p *Params) {
			p.Heartbeat, p.Unsent = &Heartbeat{"heartbeat", "url", 5 * time.Minute}, []string{"info"}
			p.Routes = []Route{{Receiver: "shop", Severities: []string{"critical"}}}
		},
		"heartbeat-alone": func(p *Params) {
			p.Receiver, p.Heartbeat = "", &Heartbeat{"heartbeat", "url", time.Minute}
		},
		"global-heartbeat-alone": func(p *Params) {
			p.Global, p.Receiver, p.Heartbeat = true, "", &Heartbeat{"heartbeat", "url", time.Millisecond}
		},
		"global":            func(p *Params) { p.Global = true },
		"global-and-unsent": func(p *Params) { p.Global, p.Unsent = true, []string{"info"} },
		"inhibitions": func(p *Params) {
			p.Inhibitions = []alerts.Inhibition{{
				Source: []alerts.Matcher{{Label: "alertname", Value: "FluxControllerDown"}, {Label: "app", Value: "source-controller"}},
				Target: []alerts.Matcher{{Label: "alertname", Value: "A|B", Regexp: true}}, Equal: []string{"cluster"},
			}}
		},
		"unsent-inhibits-nothing":    func(p *Params) { p.Unsent, p.Inhibitions = []string{"info"}, aInhibitsB },
		"two-unsent-inhibit-nothing": func(p *Params) { p.Unsent, p.Inhibitions = []string{"info", "warning"}, aInhibitsB },
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			p := Params{
				Owner: "monitoring/flux", Receivers: []monitoringv1beta1.Receiver{{Name: "oncall"}, {Name: "shop"}}, Receiver: "oncall",
				GroupWait: "30s", GroupInterval: "5m", RepeatInterval: "12h",
			}
			change(&p)
			spec, err := Spec(p)
			g.Expect(err).NotTo(HaveOccurred())
			golden.File(t, filepath.Join("testdata", name+".yaml"), inYAML(g, spec))
			g.Expect(p.Receivers).To(HaveLen(2), "the given receivers are not changed")
			g.Expect(validation.ValidateAlertmanagerConfig(&monitoringv1beta1.AlertmanagerConfig{Spec: spec})).To(Succeed(),
				"prometheus-operator accepts it")
			older, err := Older(spec, nil)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(inYAML(g, older.Route)).To(Equal(inYAML(g, spec.Route)), "in v1alpha1, too")
			g.Expect(inYAML(g, older.Receivers)).To(Equal(inYAML(g, spec.Receivers)), "in v1alpha1, too")
		})
	}
}

var aInhibitsB = []alerts.Inhibition{{
	Source: []alerts.Matcher{{Label: "alertname", Value: "A"}}, Target: []alerts.Matcher{{Label: "alertname", Value: "B"}},
}}
