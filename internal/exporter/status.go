package exporter

import "time"

// Fields of an item of status.conditions.
const (
	conditionType = iota
	conditionStatus
	conditionReason
	conditionTransitioned
	conditionFields
)

// readCondition reads an item of status.conditions. The first condition of a type counts.
func (d *decoder) readCondition() error {
	if d.json.PeekKind() != '{' {
		return d.json.SkipValue()
	}
	d.condition = [conditionFields]value{}
	err := d.members(func(key []byte) error {
		switch string(key) {
		case "type":
			return d.capture(&d.condition[conditionType], false)
		case "status":
			return d.capture(&d.condition[conditionStatus], false)
		case "reason":
			return d.capture(&d.condition[conditionReason], false)
		case "lastTransitionTime":
			return d.capture(&d.condition[conditionTransitioned], false)
		}
		return d.json.SkipValue()
	})
	if err == nil {
		d.keepCondition()
	}
	return err
}

// keepCondition keeps the condition just read, if it is one that is exported.
func (d *decoder) keepCondition() {
	is, status := d.condition[conditionType], d.condition[conditionStatus]
	switch string(d.textOf(is)) {
	case "Ready":
		if !d.has(fieldReady) {
			d.values[fieldReady] = status
			d.values[fieldReason] = d.condition[conditionReason]
			d.values[fieldTransitioned] = d.condition[conditionTransitioned]
		}
	case "Stalled":
		if !d.has(fieldStalled) {
			d.values[fieldStalled] = status
		}
	case "Reconciling":
		if !d.has(fieldReconciling) {
			d.values[fieldReconciling] = status
		}
	}
}

// history is read from status.history, which has one entry for each outcome (Flux 2.7 and later).
type history struct {
	// succeeded is when a reconciliation last succeeded; 0 is never.
	succeeded int64
	// attempts are the failed ones.
	attempts []attempt
}

type attempt struct{ first, last int64 }

// statusSucceeded is the lastReconciledStatus of a success.
const statusSucceeded = "ReconciliationSucceeded"

// readAttempt reads an item of status.history.
func (d *decoder) readAttempt() error {
	if d.json.PeekKind() != '{' {
		return d.json.SkipValue()
	}
	var first, last, outcome value
	mark := len(d.text)
	err := d.members(func(key []byte) error {
		switch string(key) {
		case "firstReconciled":
			return d.capture(&first, false)
		case "lastReconciled":
			return d.capture(&last, false)
		case "lastReconciledStatus":
			return d.capture(&outcome, false)
		}
		return d.json.SkipValue()
	})
	if err != nil {
		return err
	}
	d.history.add(attempt{first: parseTime(d.textOf(first)), last: parseTime(d.textOf(last))}, string(d.textOf(outcome)))
	d.text = d.text[:mark]
	return nil
}

// add adds an entry. An entry without a time or an outcome is ignored.
func (h *history) add(a attempt, outcome string) {
	switch {
	case a.first == 0 || a.last == 0 || outcome == "":
	case outcome == statusSucceeded:
		h.succeeded = max(h.succeeded, a.last)
	default:
		h.attempts = append(h.attempts, a)
	}
}

// failingSince is when the failures after the last success began; 0 is unknown.
func (h *history) failingSince() int64 {
	since := int64(0)
	for _, a := range h.attempts {
		if a.last > h.succeeded && (since == 0 || a.first < since) {
			since = a.first
		}
	}
	if since == 0 {
		return 0
	}
	return max(since, h.succeeded)
}

// parseTime returns the time in Unix seconds, at least 1; 0 if it is not a time.
func parseTime(text []byte) int64 {
	var t time.Time
	if len(text) == 0 || t.UnmarshalText(text) != nil {
		return 0
	}
	return max(t.Unix(), 1)
}
