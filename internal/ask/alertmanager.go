package ask

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/internal/bounds"
	"github.com/fluxmonitoring/operator/internal/proof"
)

// Alertmanager asks one pod for its configuration and its counts of notifications. The first missing receiver is set, and the counts are added.
func (c *Client) Alertmanager(ctx context.Context, q *proof.Question, a *proof.Alertmanager) error {
	integrations, missing, err := c.receivers(ctx, q.Receivers)
	if err != nil {
		return err
	}
	if missing != "" {
		a.Missing = missing
	}
	counts, err := c.notifications(ctx, q.Receivers, integrations)
	a.Counts.Sent += counts.Sent
	a.Counts.Failed += counts.Failed
	a.Counts.ByReceiver = counts.ByReceiver
	return err
}

// receivers reads which integrations the receivers have in the loaded configuration, and the first receiver that it lacks. Alertmanager hides
// the secrets in its answer; of the rest only names are kept.
func (c *Client) receivers(ctx context.Context, names []string) (integrations []string, missing string, err error) {
	var loaded struct {
		Receivers []map[string]any `json:"receivers"`
	}
	err = c.get(ctx, "api/v2/status", nil, func(from io.Reader) error {
		var status struct{ Config struct{ Original string } }
		if err := json.NewDecoder(from).Decode(&status); err != nil {
			return err
		}
		if _, err := bounds.YAML([]byte(status.Config.Original)); err != nil {
			return err
		}
		return yaml.Unmarshal([]byte(status.Config.Original), &loaded)
	})
	if err != nil {
		return nil, "", err
	}
	for _, name := range names {
		i := slices.IndexFunc(loaded.Receivers, func(r map[string]any) bool { return r["name"] == name })
		if i < 0 {
			return nil, name, nil
		}
		for key := range loaded.Receivers[i] {
			if integration, is := strings.CutSuffix(key, "_configs"); is {
				integrations = append(integrations, integration)
			}
		}
	}
	return integrations, "", nil
}

const (
	// sentMetric counts the requests of notifications, and failedMetric those that failed. The counters of whole notifications rise before they are
	// sent, and as failed only after the last try.
	sentMetric, failedMetric = "alertmanager_notification_requests_total", "alertmanager_notification_requests_failed_total"
	// receiverLabel is there with Alertmanager's feature receiver-name-in-metrics.
	receiverLabel, integrationLabel = "receiver_name", "integration"
)

// notifications reads the counts of the receivers; of every receiver with these integrations if the metrics do not have receivers' names.
func (c *Client) notifications(ctx context.Context, receivers, integrations []string) (counts proof.Counts, err error) {
	var families map[string]*dto.MetricFamily
	err = c.get(ctx, "metrics", nil, func(from io.Reader) error {
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err = parser.TextToMetricFamilies(from)
		return err
	})
	if err != nil {
		return counts, err
	}
	counts.ByReceiver = true
	sum := func(name string) (total float64) {
		for _, m := range families[name].GetMetric() {
			receiver, named := label(m, receiverLabel)
			integration, _ := label(m, integrationLabel)
			counts.ByReceiver = counts.ByReceiver && named
			if named && slices.Contains(receivers, receiver) || !named && slices.Contains(integrations, integration) {
				total += m.GetCounter().GetValue()
			}
		}
		return total
	}
	counts.Sent, counts.Failed = sum(sentMetric), sum(failedMetric)
	return counts, nil
}

func label(m *dto.Metric, name string) (string, bool) {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue(), true
		}
	}
	return "", false
}
