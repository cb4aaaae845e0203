package rules

import (
	"fmt"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// deadlines are the series in which the exporter exports until when the object may be not ready; none of another source, or where it has none.
func (o object) deadlines(source flux.StateSource, c clock) []series {
	if source != flux.Exporter {
		return nil
	}
	kind, namespace, name := parts(o.Object)
	own := map[string]string{"customresource_kind": kind, flux.LabelObjectNamespace: namespace, flux.LabelName: name}
	values, any := o.deadlinesAt(c)
	if !any {
		return nil
	}
	return []series{{Series: o.named(source, flux.StateDeadline, own), Values: strings.Join(values, " ")}}
}

// deadlinesAt are the deadlines at each step, as promtool reads them: the moment of its failure from that on until it is ready, whatever
// it does meanwhile, and its timeout from when it began to progress.
func (o object) deadlinesAt(c clock) (values []string, any bool) {
	timeout := time.Duration(0)
	if o.Timeout != "" {
		timeout = duration(o.Timeout)
	}
	var deadline time.Duration
	doing, failed, exported := "", false, false
	for i, state := range c.course(o.State) {
		at := c.epoch + time.Duration(i)*c.step
		switch {
		case state == "ready" || state == stateSuspended || state == stateAbsent:
			failed = false
		case failed:
		case state == "failing" || state == stateStalled:
			if doing == "waiting" || doing == "progressing" && deadline > at {
				at += c.late
			}
			failed, deadline = true, at
		case state == "progressing" && doing != state:
			deadline = at + timeout + c.late
		}
		doing = state
		there := (failed || state == "progressing") && !c.silentAt(i)
		switch {
		case there:
			values = append(values, fmt.Sprint(int64(deadline.Seconds())))
		case exported:
			values = append(values, "stale")
		default:
			values = append(values, "_")
		}
		exported, any = there, any || there
	}
	return values, any
}
