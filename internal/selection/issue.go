package selection

import "strings"

// Issue is one thing that keeps an instance from selecting, scraping or evaluating an object.
type Issue struct {
	// Reason is one of Reasons.
	Reason string
	// Field of the instance that causes it, such as spec.podMonitorSelector; empty if no single field does.
	Field string
	// Message says what is wrong and, if the reader can do something about it, what.
	Message string
}

// The reasons of issues.
const (
	// NamespaceNotSelected: the namespace selector does not match the namespace of the object.
	NamespaceNotSelected = "NamespaceNotSelected"
	// SelectorNotSet: there is no selector, so the instance selects nothing.
	SelectorNotSet = "SelectorNotSet"
	// SelectorInvalid: the selector cannot be read, so the instance selects nothing.
	SelectorInvalid = "SelectorInvalid"
	// LabelMissing: the selector requires a label that the object does not have.
	LabelMissing = "LabelMissing"
	// SelectorsConflict: no label matches both the selector of the instance and that of another one.
	SelectorsConflict = "SelectorsConflict"
	// NotRunning: the instance has no replica, or is being deleted.
	NotRunning = "NotRunning"
	// TargetLimitTooLow: there are more targets than the instance allows a PodMonitor to have.
	TargetLimitTooLow = "TargetLimitTooLow"
	// ScrapeClassMissing: the PodMonitor names a scrape class that the instance does not have.
	ScrapeClassMissing = "ScrapeClassMissing"
	// NamespaceSelectorIgnored: the instance finds the pods of a PodMonitor only in the namespace of the PodMonitor.
	NamespaceSelectorIgnored = "NamespaceSelectorIgnored"
)

// Reasons are all reasons of issues, sorted.
func Reasons() []string {
	return []string{
		LabelMissing, NamespaceNotSelected, NamespaceSelectorIgnored, NotRunning, ScrapeClassMissing, SelectorInvalid, SelectorNotSet, SelectorsConflict,
		TargetLimitTooLow,
	}
}

// Messages joins the messages of issues; empty if there are none.
func Messages(issues []Issue) string {
	messages := make([]string, 0, len(issues))
	for _, i := range issues {
		messages = append(messages, i.Message)
	}
	return strings.Join(messages, "; ")
}
