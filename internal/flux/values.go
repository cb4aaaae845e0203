package flux

import (
	"slices"
	"strings"
)

var (
	conditionStatuses = []string{"True", "False", "Unknown"}
	yesOrNo           = []string{"true", "false"}
)

// closedValues are the labels of families about the state of objects whose values are of a closed set. Which kinds there are is closed where
// nobody else can add one: whatever is built on Flux's libraries exposes the controllers' families too.
var closedValues = map[string]map[string][]string{
	StateInfo: {
		"ready": conditionStatuses, "stalled": conditionStatuses, "reconciling": conditionStatuses, "suspended": yesOrNo,
	},
	StateCondition: {"type": {"Ready"}, "status": append(slices.Clone(conditionStatuses), "Deleted")},
	StateReport:    {"ready": conditionStatuses, "suspended": {"True", "False"}},
}

// Values returns the values that a label can have on the series of a metric that this source exposes, that is recorded of it, or that
// Flux's controllers expose; the empty one means that it can be absent, and alone that it always is. False where that is not known: any
// value is possible, or the metric is not Flux's, or not this source's.
func (s StateSource) Values(metric, label string) (values []string, known bool) {
	switch {
	case IsRecorded(metric) || slices.Contains(WorkRecords(), metric):
		return s.recordedValues(metric, label)
	case ofTarget(label):
		return nil, false
	case metric == StateInfo:
		return s.infoValues(label)
	case isReport(metric):
		return s.reportValues(label)
	}
	return ownValues(metric, label)
}

// ofTarget reports whether a scrape adds the label, or moves what is served under that name.
func ofTarget(label string) bool {
	return label == "__name__" || slices.Contains(targetLabels, strings.TrimPrefix(label, "exported_"))
}

func (s StateSource) recordedValues(metric, label string) ([]string, bool) {
	switch {
	case !Carries(metric, label):
		return []string{""}, true
	case label == LabelKind && IsRecorded(metric) && s == Exporter:
		return orAbsent(kindNames()), true
	}
	return nil, false
}

// infoValues are those of gotk_resource_info. Of kube-state-metrics no label is known to be absent: its configuration is its user's.
func (s StateSource) infoValues(label string) ([]string, bool) {
	values := closedValues[StateInfo][label]
	switch {
	case s != Exporter && s != KubeStateMetrics:
		return nil, false
	case values != nil:
		return orAbsent(values), true
	case s == KubeStateMetrics:
		return nil, false
	case !slices.Contains(InfoLabels(), label):
		return []string{""}, true
	case label == "customresource_kind":
		return orAbsent(kindNames()), true
	}
	return nil, false
}

// isReport reports whether the metric is one of flux-operator's about the state of objects.
func isReport(metric string) bool { return OperatorReport.Exposes(metric) }

// reportExtra are the labels of flux-operator's families beside those that queries use.
var reportExtra = []string{"uid", "url", "ref", LabelSourceName, "path", "registry", "resources"}

func (s StateSource) reportValues(label string) ([]string, bool) {
	values := closedValues[StateReport][label]
	switch {
	case s != OperatorReport:
		return nil, false
	case values != nil:
		return orAbsent(values), true
	case !slices.Contains(slices.Concat(reportLabels, reportExtra), label):
		return []string{""}, true
	}
	return nil, false
}

// ownValues are those of the families that are Flux's own by their name: the controllers' and the exporter's. Families such as
// workqueue_depth are everybody's.
func ownValues(metric, label string) ([]string, bool) {
	if !strings.HasPrefix(metric, "gotk_") {
		return nil, false
	}
	known := false
	for _, f := range slices.Concat(families, stateFamilies) {
		if !f.has(metric) {
			continue
		}
		known = true
		if slices.Contains(f.Labels, label) {
			values := closedValues[f.Name][label]
			return orAbsent(values), values != nil
		}
	}
	if !known {
		return nil, false
	}
	return []string{""}, true
}

// orAbsent are values, one of which is that there is none.
func orAbsent(values []string) []string {
	if values == nil {
		return nil
	}
	return append(slices.Clone(values), "")
}

// InfoLabels returns the labels that gotk_resource_info has from the exporter, on objects of one kind or another, besides those of the
// scrape target.
func InfoLabels() []string {
	all := append(slices.Clone(stateLabels), "reconciling", "shard")
	for _, k := range kinds {
		for _, l := range k.State {
			all = append(all, l.Name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func kindNames() []string {
	names := make([]string, 0, len(kinds))
	for _, k := range kinds {
		names = append(names, k.Name)
	}
	return names
}
