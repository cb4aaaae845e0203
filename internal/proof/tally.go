package proof

import (
	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Counts are what the metrics of an Alertmanager say of notifications since it was started, over all its pods.
type Counts struct {
	// Sent are the notifications that it tried to send, and Failed those that failed.
	Sent, Failed float64
	// ByReceiver: only those of our receivers are counted. Without the feature receiver-name-in-metrics the metrics do not tell receivers apart,
	// so those of every receiver with the same integrations are counted.
	ByReceiver bool
}

// tally is what follows from all counts of an Alertmanager up to now.
type tally struct {
	counts Counts
	// known: counts are there.
	known bool
	// failing: the newest notification failed. delivering: one was sent.
	failing, delivering bool
}

// next is the tally after new counts. Counters that have not moved say nothing new, so a failure stays until a notification is sent. Counters
// that began again, or are seen for the first time, count as a whole.
func (t tally) next(c Counts) tally {
	failed, succeeded := c.Failed-t.counts.Failed, (c.Sent-c.Failed)-(t.counts.Sent-t.counts.Failed)
	whole := !t.known || c.Sent < t.counts.Sent || c.Failed < t.counts.Failed
	if whole {
		failed, succeeded = c.Failed, c.Sent-c.Failed
	}
	after := tally{counts: c, known: true, failing: t.failing, delivering: t.delivering}
	switch {
	case whole && failed > 0 && succeeded > 0: // which of them was the newest is not known
	case failed > 0:
		after.failing = true
	case succeeded > 0:
		after.failing, after.delivering = false, true
	}
	return after
}

// deliveredBy judges the notifications of an Alertmanager; nothing before the first one, and nothing good of one that does not tell our
// receivers from others.
func (t tally) deliveredBy(title string) Finding {
	switch {
	case t.failing && t.counts.ByReceiver:
		return no(v1alpha1.ReasonNotificationsFailing, "%s cannot notify the receivers: check their Secrets and services", title)
	case t.failing:
		return unknown(v1alpha1.ReasonNotificationsFailing, "%s cannot send some notifications, and its metrics do not say for whom: read its log", title)
	case t.delivering && t.counts.ByReceiver:
		return yes(v1alpha1.ReasonDelivered, "%s notifies the receivers, and no notification fails", title)
	}
	return Finding{}
}
