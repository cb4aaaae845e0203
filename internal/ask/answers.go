package ask

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/bounds"
)

// Integrations reads the answer of an Alertmanager to api/v2/status: the kinds of notification of each receiver in the loaded configuration,
// such as slack, as metrics name them. Alertmanager hides the secrets in its answer; of the rest only names are kept.
func Integrations(answer io.Reader) (map[string][]string, error) {
	var status struct{ Config struct{ Original string } }
	if err := json.NewDecoder(answer).Decode(&status); err != nil {
		return nil, err
	}
	text := []byte(status.Config.Original)
	if _, err := bounds.YAML(text); err != nil {
		return nil, err
	}
	var loaded struct {
		Receivers []map[string]any `json:"receivers"`
	}
	if err := yaml.Unmarshal(text, &loaded); err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, receiver := range loaded.Receivers {
		name, _ := receiver["name"].(string)
		all[name] = integrationsOf(receiver)
	}
	return all, nil
}

func integrationsOf(receiver map[string]any) []string {
	var all []string
	for _, field := range slices.Sorted(maps.Keys(receiver)) {
		configs, _ := receiver[field].([]any)
		if integration, is := strings.CutSuffix(field, "_configs"); is && len(configs) > 0 {
			all = append(all, integration)
		}
	}
	return all
}

// RequestsMetric counts the requests of notifications of an Alertmanager. The counters of whole notifications rise before they are sent, and as
// failed only after the last try.
const RequestsMetric = "alertmanager_notification_requests_total"

const failedRequestsMetric = "alertmanager_notification_requests_failed_total"

// Source is what a Count is of. The receiver is empty unless Alertmanager runs with the feature flag receiver-name-in-metrics.
type Source struct{ Integration, Receiver string }

// Count is how many requests an integration has made, and how many of them failed.
type Count struct{ Requests, Failed float64 }

// Counts reads the metrics of an Alertmanager: the requests of each integration; none if it does not have RequestsMetric.
func Counts(metrics io.Reader) (map[Source]Count, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(metrics)
	if err != nil {
		return nil, err
	}
	all := map[Source]Count{}
	for _, m := range families[RequestsMetric].GetMetric() {
		n := all[sourceOf(m)]
		n.Requests += m.GetCounter().GetValue()
		all[sourceOf(m)] = n
	}
	for _, m := range families[failedRequestsMetric].GetMetric() {
		n := all[sourceOf(m)]
		n.Failed += m.GetCounter().GetValue()
		all[sourceOf(m)] = n
	}
	return all, nil
}

func sourceOf(m *dto.Metric) (of Source) {
	for _, label := range m.GetLabel() {
		switch label.GetName() {
		case "integration":
			of.Integration = label.GetValue()
		case "receiver_name":
			of.Receiver = label.GetValue()
		}
	}
	return of
}
