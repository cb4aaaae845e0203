package alerts

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

// ConfigurationError says what is wrong with what a user asked for. Only a changed resource mends it.
type ConfigurationError struct {
	// Faults are clauses, one for each thing that is wrong.
	Faults []string
}

// Error joins the faults to a sentence.
func (e *ConfigurationError) Error() string { return strings.Join(e.Faults, "; ") }

// check returns what is wrong with the overrides, nil if nothing is. It ignores overrides of alerts that the catalogue does not have.
func (p Params) check() error {
	var faults []string
	for _, o := range p.Overrides {
		faults = append(faults, o.faults()...)
	}
	if len(faults) == 0 {
		return nil
	}
	return &ConfigurationError{Faults: faults}
}

func (o Override) faults() []string {
	a, is := entry(o.Name)
	if !is {
		return nil
	}
	if a.isHeartbeat {
		return []string{fmt.Sprintf("alert %s cannot be changed: remove the override; spec.notifications.heartbeat turns the alert on and off", a.name)}
	}
	var faults []string
	if fault := o.thresholdFault(a); fault != "" {
		faults = append(faults, fault)
	}
	for field, duration := range map[string]string{"for": o.pendingFor(), "keepFiringFor": o.keepFiringFor()} {
		if _, err := model.ParseDuration(duration); duration != "" && err != nil {
			faults = append(faults, fmt.Sprintf("%s %q of alert %s is not a duration such as 10m", field, duration, o.Name))
		}
	}
	slices.Sort(faults)
	return faults
}

func (o Override) thresholdFault(a alert) string {
	if o.Threshold == "" {
		return ""
	}
	if a.limit == nil {
		return fmt.Sprintf("alert %s has no threshold to override", a.name)
	}
	value, err := strconv.ParseFloat(o.Threshold, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return fmt.Sprintf("threshold %q of alert %s is not a number", o.Threshold, a.name)
	}
	return ""
}

func (o Override) pendingFor() string {
	if o.For == nil {
		return ""
	}
	return string(*o.For)
}

func (o Override) keepFiringFor() string {
	if o.KeepFiringFor == nil {
		return ""
	}
	return string(*o.KeepFiringFor)
}

// overridden returns the alert with what the override says of its expression and times. Call it after check.
func (a alert) overridden(o Override) alert {
	if pendingFor := o.pendingFor(); pendingFor != "" {
		a.pendingFor = pendingFor
	}
	if keepFiringFor := o.keepFiringFor(); keepFiringFor != "" {
		a.keepFiringFor = keepFiringFor
	}
	if value, err := strconv.ParseFloat(o.Threshold, 64); err == nil && a.limit != nil {
		a.limit, a.slack = &limit{value: value, inclusive: a.limit.inclusive}, nil
	}
	return a
}
