package exporter

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// view is what a scrape reads.
type view struct {
	stores []*store
	// limiter of the stores.
	limiter *seriesLimiter
	// unreadable are the kinds that cannot be read now. Their last known objects can still be exported.
	unreadable []*kindSchema
	// failures counts failed notifications; nil if no Alerts are exported.
	failures *failureCounter
}

// exposition writes the metric families.
type exposition struct {
	to      io.Writer
	buffer  []byte
	entries []*entry
	err     error
}

// write writes all metric families.
func (e *Exporter) write(to io.Writer, openMetrics bool) {
	x := expositions.Get().(*exposition)
	x.to, x.err = to, nil
	if v := e.view.Load(); v != nil {
		x.writeObjects(v.stores, e.shardLabel)
		x.writeMostOmitted(v.limiter.mostOmitted(), e.shardLabel)
		x.writeUnreadable(v.unreadable, e.shardLabel)
		x.writeFailedNotifications(v.failures, openMetrics)
	}
	if openMetrics {
		x.writeString("# EOF\n")
	}
	x.flush()
	x.to = nil
	clear(x.entries)
	x.entries = x.entries[:0]
	expositions.Put(x)
}

func (x *exposition) writeObjects(stores []*store, shardLabel string) {
	x.writeInfo(stores)
	if slices.ContainsFunc(x.entries, (*entry).hasLegacyMetrics) {
		x.writeConditions()
		x.writeSuspended()
	}
	x.writeNotReadySince()
	x.writeDeadlines()
	x.writeCounts(stores, shardLabel)
}

// writeInfo writes the state of each object, and collects the entries so that all families are about the same
// objects.
func (x *exposition) writeInfo(stores []*store) {
	x.writeHeader(flux.StateInfo, "State of a Flux object.")
	for _, s := range stores {
		s.entries.each(func(e *entry) {
			x.entries = append(x.entries, e)
			x.writeString(flux.StateInfo)
			x.writeString(e.schema.labelPrefix)
			x.writeString(e.text)
		})
	}
}

// conditionLabels end the labels of StateCondition, by the index of the status.
var conditionLabels = func() (labels [len(statuses)]string) {
	for i, status := range statuses {
		labels[i] = `,type="Ready",status="` + status + `"} `
	}
	return labels
}()

func (x *exposition) writeConditions() {
	x.writeHeader(flux.StateCondition, "1 if the condition of a Flux object has this status.")
	for _, e := range x.entries {
		if !e.hasLegacyMetrics() {
			continue
		}
		for i, labels := range conditionLabels {
			x.writeString(flux.StateCondition)
			x.writeString(e.schema.legacyLabelPrefix)
			x.writeString(e.legacyLabels())
			x.writeString(labels)
			x.writeBool(i == int(e.statusIndex))
		}
	}
}

func (x *exposition) writeSuspended() {
	x.writeHeader(flux.StateSuspended, "1 if a Flux object is suspended.")
	for _, e := range x.entries {
		if e.hasLegacyMetrics() {
			x.writeString(flux.StateSuspended)
			x.writeString(e.schema.legacyLabelPrefix)
			x.writeString(e.legacyLabels())
			x.writeString("} ")
			x.writeBool(e.suspended)
		}
	}
}

// writeNotReadySince writes when the not-ready periods began.
func (x *exposition) writeNotReadySince() {
	x.writeHeader(flux.StateNotReadySince, "Unix time since when a Flux object has not been ready; absent while it is.")
	for _, e := range x.entries {
		if e.notReady != nil {
			x.writeTime(flux.StateNotReadySince, e, e.notReady.since)
		}
	}
}

// writeDeadlines writes the deadlines of not-ready objects.
func (x *exposition) writeDeadlines() {
	x.writeHeader(flux.StateDeadline, "Unix time until when a Flux object may be not ready: past where it has failed; absent while it is ready.")
	for _, e := range x.entries {
		if deadline := e.deadline(); deadline != 0 {
			x.writeTime(flux.StateDeadline, e, deadline)
		}
	}
}

// writeTime writes a sample whose value is a time.
func (x *exposition) writeTime(family string, e *entry, unix int64) {
	x.writeString(family)
	x.writeString(e.schema.labelPrefix)
	x.writeString(e.text[:e.identityEnd])
	x.writeString("} ")
	x.writeNumber(unix)
}

// writeCounts writes the number of objects of each kind.
func (x *exposition) writeCounts(stores []*store, shardLabel string) {
	x.writeHeader(flux.StateCount, "Number of Flux objects of a kind.")
	for _, s := range stores {
		x.writeCount(flux.StateCount, s.schema, shardLabel, s.served.Load()+s.omitted.Load())
	}
	x.writeHeader(flux.StateOmitted, "Number of Flux objects of a kind that the exporter omits because of the limit on series.")
	for _, s := range stores {
		x.writeCount(flux.StateOmitted, s.schema, shardLabel, s.omitted.Load())
	}
	x.writeHeader(flux.StateTooDeep, "Number of Flux objects of a kind that nest so deeply that other clients cannot list the kind.")
	for _, s := range stores {
		if n := len(s.tooDeep()); n > 0 {
			x.writeCount(flux.StateTooDeep, s.schema, shardLabel, int64(n))
		}
	}
}

// writeMostOmitted writes the namespaces with most omitted objects.
func (x *exposition) writeMostOmitted(omitted []omittedCount, shardLabel string) {
	x.writeHeader(flux.StateOmittedBy,
		"Number of Flux objects of a namespace that the exporter omits because of the limit on series: the ten namespaces with most.")
	for _, o := range omitted {
		x.writeString(flux.StateOmittedBy)
		x.buffer = appendLabel(x.buffer, `{exported_namespace="`, []byte(o.namespace))
		x.writeString(shardLabel)
		x.writeString("} ")
		x.writeNumber(int64(o.objects))
	}
}

// writeUnreadable writes the kinds that cannot be read. The reason is only in Health: as a label it would create a
// series per reason.
func (x *exposition) writeUnreadable(schemas []*kindSchema, shardLabel string) {
	x.writeHeader(flux.StateUnreadable, "1 for a kind of Flux object that cannot be read.")
	for _, f := range schemas {
		x.writeCount(flux.StateUnreadable, f, shardLabel, 1)
	}
}

// writeFailedNotifications writes the failures of each exported Alert, also 0. It writes nothing while nobody counts them.
func (x *exposition) writeFailedNotifications(failures *failureCounter, openMetrics bool) {
	if failures == nil || !failures.counting.Load() {
		return
	}
	family := flux.StateNotificationsFailed
	if openMetrics { // where the name of the family lacks the suffix of its samples
		family = strings.TrimSuffix(family, "_total")
	}
	x.writeTypedHeader(family, "Notifications that Flux failed to send for an Alert, by its events.", "counter")
	for _, e := range x.entries {
		if isFluxAlert(e.schema.kind) {
			identity := e.text[:e.identityEnd]
			x.writeString(flux.StateNotificationsFailed)
			x.writeString("{")
			x.writeString(identity[1:])
			x.writeString("} ")
			x.writeNumber(failures.of(identity))
		}
	}
}

func (x *exposition) writeCount(family string, s *kindSchema, shardLabel string, n int64) {
	x.writeString(family)
	x.writeString(s.labelPrefix)
	x.writeString(shardLabel)
	x.writeString("} ")
	x.writeNumber(n)
}

// writeHeader starts a family of gauges. The state of objects is one, because an OpenMetrics info metric would need another
// name in the text format.
func (x *exposition) writeHeader(family, help string) { x.writeTypedHeader(family, help, "gauge") }

func (x *exposition) writeTypedHeader(family, help, kind string) {
	for _, s := range []string{"# HELP ", family, " ", help, "\n# TYPE ", family, " ", kind, "\n"} {
		x.writeString(s)
	}
}

func (x *exposition) writeNumber(n int64) {
	x.buffer = append(strconv.AppendInt(x.buffer, n, 10), '\n')
}

func (x *exposition) writeBool(b bool) {
	if b {
		x.writeString("1\n")
	} else {
		x.writeString("0\n")
	}
}

func (x *exposition) writeString(s string) {
	if x.buffer = append(x.buffer, s...); len(x.buffer) >= flushSize {
		x.flush()
	}
}

// flush writes the buffer. After an error it writes nothing.
func (x *exposition) flush() {
	if x.err == nil {
		_, x.err = x.to.Write(x.buffer)
	}
	x.buffer = x.buffer[:0]
}
