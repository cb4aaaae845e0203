package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// madeRecordings are those a history is made with. Most of them follow from what they were before, so that Prometheus cannot
// evaluate them over a time that has gone.
var madeRecordings = []string{
	flux.RecordedObserved, flux.RecordedState, flux.RecordedReady, flux.RecordedNotReady, flux.RecordedWaiting,
	flux.RecordedNotReadySince, flux.RecordedDeadline,
	flux.RecordedSuspended, flux.RecordedSuspendedSince, flux.RecordedCount, flux.RecordedStalled, flux.RecordedFailing,
	flux.RecordedBehind, flux.RecordedFailingRatio,
}

// recordings are what the rules record of the object. That it is so is checked against the rules, see checkRecordings.
func (o *object) recordings() []timeSeries {
	own := []string{"kind", o.kind, "exported_namespace", o.namespace, "name", o.name}
	var all []timeSeries
	record := func(name string, values []float64, labels ...string) {
		s := named(name, values, append(labels, own...)...)
		s.Delay = recorded
		all = append(all, s)
	}
	if o.fate == staysReady {
		record(flux.RecordedState, slices.Repeat([]float64{0}, o.samples))
		record(flux.RecordedReady, slices.Repeat([]float64{1}, o.samples))
		o.recordBehind(record)
		return all
	}
	o.recordState(record)
	record(flux.RecordedReady, o.while(isReady))
	o.recordBehind(record)
	switch o.fate {
	case getsSuspended:
		record(flux.RecordedSuspended, o.while(isSuspended))
		record(flux.RecordedSuspendedSince, o.over(func(i int) (float64, bool) { return at(o.from), i >= o.from }))
	case waits:
		record(flux.RecordedNotReady, o.while(isWaiting), o.sourceLabels()...)
		record(flux.RecordedWaiting, o.while(isWaiting))
	default:
		record(flux.RecordedNotReady, o.while(isFailing, isRetrying), o.sourceLabels()...)
		record(flux.RecordedNotReadySince, o.notReadySince())
		record(flux.RecordedDeadline, o.notReadySince())
		record(flux.RecordedFailing, o.while(isFailing, isRetrying))
		if o.stalled(o.samples) {
			record(flux.RecordedStalled, o.over(func(i int) (float64, bool) { return 1, o.stalled(i) }))
		}
	}
	return all
}

// recordState records the number of the state the object is in. While it is not ready the series names its source.
func (o *object) recordState(record func(string, []float64, ...string)) {
	numbers := map[objectState]float64{isReady: 0, isSuspended: 1, isWaiting: 2, isRetrying: 3, isFailing: 4}
	number := func(i int) float64 {
		if o.stalled(i) {
			return 5
		}
		return numbers[o.state(i)]
	}
	if o.source == nil { // its series has the same labels in every state
		record(flux.RecordedState, o.over(func(i int) (float64, bool) { return number(i), true }))
		return
	}
	record(flux.RecordedState, o.over(func(i int) (float64, bool) { return number(i), number(i) < 2 }))
	record(flux.RecordedState, o.over(func(i int) (float64, bool) { return number(i), number(i) >= 2 }), o.sourceLabels()...)
}

// recordBehind records the moments at which the object is behind its source.
func (o *object) recordBehind(record func(string, []float64, ...string)) {
	if o.source != nil && o.changes >= 0 {
		record(flux.RecordedBehind, o.over(func(i int) (float64, bool) { return 1, o.behind(i) }))
	}
}

// alerts are the series Prometheus writes of an alert that fires about the object, ten minutes after its failure.
func (o *object) alerts() []timeSeries {
	if o.fate != fails || o.source == nil {
		return nil
	}
	firing := o.over(func(i int) (float64, bool) { return 1, i >= o.from+perHour/6 })
	alert := named("ALERTS", firing, "alertname", "ReconciliationFailure", "alertstate", "firing", "severity", "critical",
		"kind", o.kind, "exported_namespace", o.namespace, "name", o.name, "namespace", o.namespace)
	alert.Delay = recorded
	return []timeSeries{alert}
}

// totals are what is counted over all objects at each scrape.
type totals struct {
	samples, objects int
	active, failing  []float64
	kinds            map[string]float64
}

func newTotals(samples int) *totals {
	return &totals{samples: samples, active: make([]float64, samples), failing: make([]float64, samples), kinds: map[string]float64{}}
}

// add counts an object.
func (t *totals) add(o *object) {
	t.objects++
	t.kinds[o.kind]++
	for i := range t.samples {
		switch o.state(i) {
		case isFailing, isRetrying:
			t.failing[i]++
			t.active[i]++
		case isReady, isWaiting:
			t.active[i]++
		case isSuspended:
		}
	}
}

// series are those about all objects together.
func (t *totals) series() []timeSeries {
	ratio := make([]float64, t.samples)
	for i := range ratio {
		ratio[i] = t.failing[i] / t.active[i]
	}
	ones := slices.Repeat([]float64{1}, t.samples)
	all := []timeSeries{
		named(flux.RecordedObserved, ones), named(flux.RecordedCount, t.active), named(flux.RecordedFailingRatio, ratio),
	}
	for i := range all {
		all[i].Delay = recorded
	}
	for _, k := range slices.Sorted(maps.Keys(t.kinds)) {
		labels := append([]string{"customresource_kind", k}, exporterLabels()...)
		all = append(all,
			named(flux.StateCount, slices.Repeat([]float64{t.kinds[k]}, t.samples), labels...),
			named(flux.StateOmitted, make([]float64, t.samples), labels...))
	}
	return append(all, t.alerts()...)
}

// alerts are a few that fire about Flux and others.
func (t *totals) alerts() []timeSeries {
	var all []timeSeries
	for i := range 20 {
		all = append(all, named("ALERTS", slices.Repeat([]float64{1}, t.samples),
			"alertname", fmt.Sprintf("KubeSomething%02d", i), "alertstate", "firing", "severity", "warning", "namespace", "kube-system"))
	}
	return all
}
