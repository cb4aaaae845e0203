package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// exporterLabels are those the scrape of the exporter adds.
func exporterLabels() []string {
	return []string{"container", "manager", "endpoint", "exporter", "job", exporterJob, "namespace", operatorNamespace}
}

// identity are the labels that name the object in what the exporter serves.
func (o *object) identity() []string {
	s := shapeOf(o.number)
	return []string{
		"customresource_group", s.group, "customresource_kind", s.kind, "customresource_version", s.version,
		"exported_namespace", o.namespace, "name", o.name,
	}
}

// stateSeries are what the exporter exports of the object: a series for each state and revision it has been in, and since when it is not
// ready.
func (o *object) stateSeries() []timeSeries {
	var forms [][]string
	var all []timeSeries
	for i := range o.samples {
		form := o.form(i)
		at := slices.IndexFunc(forms, func(f []string) bool { return slices.Equal(f, form) })
		if at < 0 {
			at, forms = len(forms), append(forms, form)
			all = append(all, named(flux.StateInfo, absent(o.samples), slices.Concat(o.identity(), form, exporterLabels())...))
		}
		all[at].Values[i] = 1
	}
	if o.fate == fails || o.fate == waits || o.fate == flaps {
		all = append(all, named(flux.StateNotReadySince, o.notReadySince(), append(o.identity(), exporterLabels()...)...))
	}
	if o.fate == fails || o.fate == flaps {
		all = append(all, named(flux.StateDeadline, o.notReadySince(), append(o.identity(), exporterLabels()...)...))
	}
	return all
}

// form are the labels of the object's state at the i-th scrape.
func (o *object) form(i int) []string {
	ready, reason, suspended := "True", "ReconciliationSucceeded", "false"
	switch o.state(i) {
	case isFailing:
		ready, reason = "False", "HealthCheckFailed"
	case isRetrying:
		ready, reason = "Unknown", "Progressing"
	case isWaiting:
		ready, reason = "False", "DependencyNotReady"
	case isSuspended:
		suspended = "true"
	case isReady:
	}
	form := []string{"ready", ready, "reason", reason, "suspended", suspended,
		"revision", fmt.Sprintf("main@sha1:%016x%016x", mixed(o.number-o.number%round, o.revision(i)), o.revision(i))}
	if o.stalled(i) {
		form = append(form, "stalled", "True")
	}
	if o.source == nil {
		return append(form, "url", "https://git.example.com/teams/"+o.namespace+"/"+o.name)
	}
	return append(form, o.sourceLabels()...)
}

// stalled is that Flux has given up on the object: on one in ten of those that fail.
func (o *object) stalled(i int) bool { return o.fate == fails && o.number%10 == 3 && i >= o.from }

func (o *object) sourceLabels() []string {
	if o.source == nil {
		return nil
	}
	return []string{"source_kind", o.source.kind, "source_name", o.source.name, "source_namespace", o.source.namespace}
}

// notReadySince is the time at which each run of not being ready began.
func (o *object) notReadySince() []float64 {
	since := math.NaN()
	return o.over(func(i int) (float64, bool) {
		switch s := o.state(i); {
		case s == isReady || s == isSuspended:
			since = math.NaN()
		case math.IsNaN(since):
			since = at(i)
		}
		return since, true
	})
}

// guide are what the exporter exports of the object in the families of Flux's guide.
func (o *object) guide() []timeSeries {
	own := append([]string{"kind", o.kind, "name", o.name, "namespace", o.namespace, "exported_namespace", o.namespace},
		exporterLabels()[:6]...)
	is := func(what ...objectState) []float64 {
		return o.over(func(i int) (float64, bool) {
			if slices.Contains(what, o.state(i)) {
				return 1, true
			}
			return 0, true
		})
	}
	all := []timeSeries{named(flux.StateSuspended, is(isSuspended), own...)}
	status := func(name string, states ...objectState) {
		all = append(all, named(flux.StateCondition, is(states...), append([]string{"type", "Ready", "status", name}, own...)...))
	}
	status("True", isReady, isSuspended)
	status("False", isFailing, isWaiting)
	status("Unknown", isRetrying)
	status("Deleted")
	return all
}
