package selection

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// loads is a trusted sidecar of every namespace that selects by a label.
func loads(selector string, change ...func(*Sidecar)) Sidecar {
	s := Sidecar{Namespace: "monitoring", Name: "grafana", Namespaces: []string{AllNamespaces}, Trusted: true}
	s.Selector, _ = metav1.ParseToLabelSelector(selector)
	for _, c := range change {
		c(&s)
	}
	return s
}

func TestConfigMapsHaveTheLabelsThatSidecarsRequire(t *testing.T) {
	preset := map[string]string{"grafana_dashboard": "1"}
	type set = map[string]string
	for name, c := range map[string]struct {
		fixed, preset set
		sidecars      []Sidecar
		want          set
	}{
		"no sidecar":                       {set{"a": "b"}, preset, nil, set{"a": "b", "grafana_dashboard": "1"}},
		"the preset":                       {nil, preset, []Sidecar{loads("grafana_dashboard=1")}, preset},
		"any value":                        {nil, preset, []Sidecar{loads("grafana_dashboard")}, preset},
		"another value":                    {nil, preset, []Sidecar{loads("grafana_dashboard=true")}, set{"grafana_dashboard": "true"}},
		"another value beside the preset":  {nil, preset, []Sidecar{loads("grafana_dashboard=true"), loads("grafana_dashboard=1")}, preset},
		"two values":                       {nil, preset, []Sidecar{loads("grafana_dashboard=a"), loads("grafana_dashboard=b")}, set{"grafana_dashboard": "a"}},
		"another label":                    {nil, preset, []Sidecar{loads("dashboards=yes")}, set{"grafana_dashboard": "1", "dashboards": "yes"}},
		"two labels":                       {nil, preset, []Sidecar{loads("a=b"), loads("c")}, set{"grafana_dashboard": "1", "a": "b", "c": "true"}},
		"what the user has written":        {set{"grafana_dashboard": "1"}, nil, []Sidecar{loads("grafana_dashboard=true")}, preset},
		"a label of a tool":                {nil, preset, []Sidecar{loads("app.kubernetes.io/instance=mine")}, preset},
		"many labels":                      {nil, preset, []Sidecar{loads("a=b,c=d")}, preset},
		"a label that must be absent":      {nil, preset, []Sidecar{loads("!grafana_dashboard")}, set{"grafana_dashboard": "1"}},
		"one that is not trusted":          {nil, preset, []Sidecar{loads("a=b", func(s *Sidecar) { s.Trusted = false })}, preset},
		"one that is stopped":              {nil, preset, []Sidecar{loads("a=b", func(s *Sidecar) { s.Stopped = true })}, preset},
		"one that cannot be read":          {nil, preset, []Sidecar{loads("a=b", func(s *Sidecar) { s.Unread = []string{"LABEL_VALUE"} })}, preset},
		"one of another namespace":         {nil, preset, []Sidecar{loads("a=b", func(s *Sidecar) { s.Namespaces = []string{"grafana"} })}, preset},
		"one of a list with the namespace": {nil, preset, []Sidecar{loads("a=b", func(s *Sidecar) { s.Namespaces = []string{"grafana", "monitoring"} })}, set{"grafana_dashboard": "1", "a": "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(SidecarLabels(c.sidecars, "monitoring", c.fixed, c.preset)).To(Equal(c.want))
		})
	}
}
