package exporter

import (
	"io"
	"slices"
	"strconv"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// view is what is served.
type view struct {
	stores []*store
	// budget is that of the stores.
	budget *budget
	// unreadable are the kinds that cannot be read now. What was read of one before may still be served.
	unreadable []*form
}

// exposition writes what is served, family by family.
type exposition struct {
	to      io.Writer
	buffer  []byte
	entries []*entry
	err     error
}

// write writes all there is to serve.
func (e *Exporter) write(to io.Writer, openMetrics bool) {
	x := expositions.Get().(*exposition)
	x.to, x.err = to, nil
	if v := e.view.Load(); v != nil {
		x.stores(v.stores, e.share)
		x.omissions(v.budget.omissions(), e.share)
		x.unreadable(v.unreadable, e.share)
	}
	if openMetrics {
		x.string("# EOF\n")
	}
	x.flush()
	x.to = nil
	clear(x.entries)
	x.entries = x.entries[:0]
	expositions.Put(x)
}

func (x *exposition) stores(stores []*store, share string) {
	x.info(stores)
	if slices.ContainsFunc(x.entries, (*entry).isCompatible) {
		x.conditions()
		x.suspended()
	}
	x.since()
	x.deadlines()
	x.counts(stores, share)
}

// info writes the state of each object, and keeps the objects at hand for the families that follow: they tell of the same.
func (x *exposition) info(stores []*store) {
	x.head(flux.StateInfo, "State of a Flux object.")
	for _, s := range stores {
		s.entries.each(func(e *entry) {
			x.entries = append(x.entries, e)
			x.string(flux.StateInfo)
			x.string(e.form.head)
			x.string(e.text)
		})
	}
}

// conditionLabels end the labels of StateCondition, by the position of the status.
var conditionLabels = func() (labels [len(statuses)]string) {
	for i, status := range statuses {
		labels[i] = `,type="Ready",status="` + status + `"} `
	}
	return labels
}()

func (x *exposition) conditions() {
	x.head(flux.StateCondition, "Whether the status is that of the condition of a Flux object.")
	for _, e := range x.entries {
		if !e.isCompatible() {
			continue
		}
		for i, labels := range conditionLabels {
			x.string(flux.StateCondition)
			x.string(e.form.compatible)
			x.string(e.compatible())
			x.string(labels)
			x.truth(i == int(e.holds))
		}
	}
}

func (x *exposition) suspended() {
	x.head(flux.StateSuspended, "Whether a Flux object is suspended.")
	for _, e := range x.entries {
		if e.isCompatible() {
			x.string(flux.StateSuspended)
			x.string(e.form.compatible)
			x.string(e.compatible())
			x.string("} ")
			x.truth(e.suspended)
		}
	}
}

// since writes since when objects are not ready.
func (x *exposition) since() {
	x.head(flux.StateNotReadySince, "Unix time since when a Flux object has not been ready; absent while it is.")
	for _, e := range x.entries {
		if e.run != nil {
			x.time(flux.StateNotReadySince, e, e.run.since)
		}
	}
}

// deadlines writes until when objects that are not ready may take their time.
func (x *exposition) deadlines() {
	x.head(flux.StateDeadline, "Unix time until when a Flux object may be not ready: past where it has failed; absent while it is ready.")
	for _, e := range x.entries {
		if deadline := e.deadline(); deadline != 0 {
			x.time(flux.StateDeadline, e, deadline)
		}
	}
}

// time writes a time of an object.
func (x *exposition) time(family string, e *entry, unix int64) {
	x.string(family)
	x.string(e.form.head)
	x.string(e.text[:e.identity])
	x.string("} ")
	x.number(unix)
}

// counts writes how many objects there are of each kind, of those that are the exporter's share.
func (x *exposition) counts(stores []*store, share string) {
	x.head(flux.StateCount, "Number of Flux objects of a kind.")
	for _, s := range stores {
		x.count(flux.StateCount, s.form, share, s.served.Load()+s.omitted.Load())
	}
	x.head(flux.StateOmitted, "Number of Flux objects of a kind that are left out because of the limit on series.")
	for _, s := range stores {
		x.count(flux.StateOmitted, s.form, share, s.omitted.Load())
	}
	x.head(flux.StateDeep, "Number of Flux objects of a kind that nest so deeply that other clients cannot list the kind.")
	for _, s := range stores {
		if n := len(s.tooDeep()); n > 0 {
			x.count(flux.StateDeep, s.form, share, int64(n))
		}
	}
}

// omissions writes of which namespaces most is left out.
func (x *exposition) omissions(of []omission, share string) {
	x.head(flux.StateOmittedBy, "Number of Flux objects of a namespace that are left out because of the limit on series: the ten namespaces with most.")
	for _, o := range of {
		x.string(flux.StateOmittedBy)
		x.buffer = appendLabel(x.buffer, `{exported_namespace="`, []byte(o.namespace))
		x.string(share)
		x.string("} ")
		x.number(int64(o.objects))
	}
}

// unreadable names the kinds that cannot be read. Why is for Health to say: it changes, and would make another series each
// time.
func (x *exposition) unreadable(forms []*form, share string) {
	x.head(flux.StateUnreadable, "1 for a kind of Flux object that cannot be read.")
	for _, f := range forms {
		x.count(flux.StateUnreadable, f, share, 1)
	}
}

func (x *exposition) count(family string, f *form, share string, n int64) {
	x.string(family)
	x.string(f.head)
	x.string(share)
	x.string("} ")
	x.number(n)
}

// head opens a family. All are gauges: what gotk_resource_info is to OpenMetrics would need another name in the text format.
func (x *exposition) head(family, help string) {
	for _, s := range []string{"# HELP ", family, " ", help, "\n# TYPE ", family, " gauge\n"} {
		x.string(s)
	}
}

func (x *exposition) number(n int64) {
	x.buffer = append(strconv.AppendInt(x.buffer, n, 10), '\n')
}

func (x *exposition) truth(so bool) {
	if so {
		x.string("1\n")
	} else {
		x.string("0\n")
	}
}

func (x *exposition) string(s string) {
	if x.buffer = append(x.buffer, s...); len(x.buffer) >= chunk {
		x.flush()
	}
}

// flush writes what is in the buffer. After a failure nothing more is written.
func (x *exposition) flush() {
	if x.err == nil {
		_, x.err = x.to.Write(x.buffer)
	}
	x.buffer = x.buffer[:0]
}
