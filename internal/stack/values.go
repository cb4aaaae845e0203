package stack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/bounds"
)

// values are values of the chart.
type values map[string]any

// at is the value at a path; nil if there is none.
func (v values) at(path ...string) any {
	var found any = map[string]any(v)
	for _, key := range path {
		within, _ := found.(map[string]any)
		found = within[key]
	}
	return found
}

// is reports whether a value is true.
func (v values) is(path ...string) bool { return v.at(path...) == true }

// text is a value as a text; empty if it is none.
func (v values) text(path ...string) string {
	text, _ := v.at(path...).(string)
	return text
}

// Values are the values of the chart with which everything else that the operator generates works.
func Values(fm *v1alpha1.FluxMonitoring) map[string]any {
	s := Of(fm)
	prometheus := map[string]any{}
	for _, kind := range []string{"podMonitor", "probe", "rule", "scrapeConfig", "serviceMonitor"} {
		prometheus[kind+"SelectorNilUsesHelmValues"] = false
	}
	alertmanager := map[string]any{
		"alertmanagerConfigMatcherStrategy": map[string]any{"type": "OnNamespaceExceptForAlertmanagerNamespace"},
	}
	grafana := map[string]any{
		"enabled": true,
		"admin":   map[string]any{"existingSecret": AdminSecret(fm), "userKey": AdminUserKey, "passwordKey": AdminPasswordKey},
		"sidecar": map[string]any{"dashboards": map[string]any{
			"enabled": true, "label": "grafana_dashboard", "labelValue": "1", "searchNamespace": "ALL", "folderAnnotation": "grafana_folder",
			"provider": map[string]any{"foldersFromFilesStructure": true},
		}},
	}
	if s.Grafana.ExternalURL != "" {
		grafana["grafana.ini"] = map[string]any{"server": map[string]any{"root_url": s.Grafana.ExternalURL}}
	}
	if s.Prometheus.ExternalURL != "" {
		prometheus["externalUrl"] = s.Prometheus.ExternalURL
	}
	if s.Alertmanager.ExternalURL != "" {
		alertmanager["externalUrl"] = s.Alertmanager.ExternalURL
	}
	return map[string]any{
		"cleanPrometheusOperatorObjectNames": true,
		"crds":                               map[string]any{"upgradeJob": map[string]any{"enabled": false}},
		"prometheusOperator":                 map[string]any{"enabled": true},
		"prometheus":                         map[string]any{"enabled": true, "prometheusSpec": prometheus},
		"alertmanager":                       map[string]any{"enabled": true, "alertmanagerSpec": alertmanager},
		"grafana":                            grafana,
	}
}

// UserValues are the values of the spec; nil if there are none. They must be one YAML document with a map, within the bounds of YAML.
func UserValues(fm *v1alpha1.FluxMonitoring) (map[string]any, error) {
	text := []byte(Of(fm).Values)
	if len(text) > bounds.Code {
		return nil, fmt.Errorf("it has %d bytes, more than the %d allowed: use valuesFrom", len(text), bounds.Code)
	}
	if strings.TrimSpace(string(text)) == "" {
		return nil, nil
	}
	if _, err := bounds.YAML(text); err != nil {
		return nil, err
	}
	documents, written := yaml.NewDecoder(bytes.NewReader(text)), yaml.Node{}
	_ = documents.Decode(&written) // bounds has read it
	if err := documents.Decode(&written); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has several YAML documents: write one")
	}
	var found map[string]any
	if err := sigsyaml.UnmarshalStrict(text, &found); err != nil {
		return nil, errors.New(bounds.Brief(err.Error()))
	}
	return found, nil
}

// merged are the operator's values with those of the spec over them, as far as these can be read.
func merged(fm *v1alpha1.FluxMonitoring) values {
	users, _ := UserValues(fm) // what is wrong with them is reported as such
	return merge(Values(fm), users)
}

// merge is a map with another over it, as Helm merges values: maps are merged, and everything else is replaced.
func merge(base, over map[string]any) map[string]any {
	result := maps.Clone(base)
	for key, value := range over {
		within, isMap := value.(map[string]any)
		below, both := result[key].(map[string]any)
		if isMap && both {
			value = merge(below, within)
		}
		result[key] = value
	}
	return result
}
