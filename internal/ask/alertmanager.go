package ask

import (
	"context"
	"io"
	"slices"

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

// receivers reads which integrations the receivers have in the loaded configuration, and the first receiver that it lacks.
func (c *Client) receivers(ctx context.Context, names []string) (integrations []string, missing string, err error) {
	var loaded map[string][]string
	err = c.get(ctx, "api/v2/status", nil, func(from io.Reader) (err error) {
		loaded, err = Integrations(from)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	for _, name := range names {
		of, has := loaded[name]
		if !has {
			return nil, name, nil
		}
		integrations = append(integrations, of...)
	}
	return integrations, "", nil
}

// notifications reads the counts of the receivers; of every receiver with these integrations if the metrics do not have receivers' names.
func (c *Client) notifications(ctx context.Context, receivers, integrations []string) (counts proof.Counts, err error) {
	var all map[Source]Count
	err = c.get(ctx, "metrics", nil, func(from io.Reader) (err error) {
		all, err = Counts(from)
		return err
	})
	if err != nil {
		return counts, err
	}
	counts.ByReceiver = true
	for of, n := range all {
		named := of.Receiver != ""
		counts.ByReceiver = counts.ByReceiver && named
		if named && slices.Contains(receivers, of.Receiver) || !named && slices.Contains(integrations, of.Integration) {
			counts.Sent += n.Requests
			counts.Failed += n.Failed
		}
	}
	return counts, nil
}
