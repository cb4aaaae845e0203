package statemetrics

// configuration is the file kube-state-metrics reads, as far as it is needed here. Its own types would bring all of
// kube-state-metrics along.
type configuration struct {
	Kind string `json:"kind"`
	Spec spec   `json:"spec"`
}

type spec struct {
	Resources []resource `json:"resources"`
}

// resource says what is told of the objects of a kind.
type resource struct {
	GroupVersionKind groupVersionKind `json:"groupVersionKind"`
	MetricNamePrefix string           `json:"metricNamePrefix"`
	Metrics          []family         `json:"metrics"`
}

type groupVersionKind struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
}

// path leads to a field of an object. An element is a key, a position, or [key=value] for the item that has it.
type path []string

// family is a metric. A label is taken from the place in Each; where that leads nowhere, from LabelsFromPath; where that
// leads nowhere either, from CommonLabels.
type family struct {
	Name           string            `json:"name"`
	Help           string            `json:"help"`
	CommonLabels   map[string]string `json:"commonLabels,omitempty"`
	LabelsFromPath map[string]path   `json:"labelsFromPath,omitempty"`
	Each           each              `json:"each"`
}

// each is where the series of a family come from: one of the three, which Type names.
type each struct {
	Type     string    `json:"type"`
	Info     *info     `json:"info,omitempty"`
	StateSet *stateSet `json:"stateSet,omitempty"`
	Gauge    *gauge    `json:"gauge,omitempty"`
}

// info is one series of value 1, with labels. Without a label of its own there is no series.
type info struct {
	LabelsFromPath map[string]path `json:"labelsFromPath"`
}

// stateSet is a series for each value in List, 1 for that which the field has. Without the field there is no series.
type stateSet struct {
	LabelName string   `json:"labelName"`
	List      []string `json:"list"`
	Path      path     `json:"path"`
	ValueFrom path     `json:"valueFrom"`
}

// gauge is the value of a field; true is 1.
type gauge struct {
	Path      path `json:"path"`
	NilIsZero bool `json:"nilIsZero"`
}

// values are those of the chart kube-prometheus-stack.
type values struct {
	KubeStateMetrics chartValues `json:"kube-state-metrics"`
}

// chartValues are those of the chart kube-state-metrics.
type chartValues struct {
	CustomResourceState customResourceState `json:"customResourceState"`
	RBAC                rbac                `json:"rbac"`
}

type customResourceState struct {
	Enabled bool           `json:"enabled"`
	Create  *bool          `json:"create,omitempty"`
	Name    string         `json:"name,omitempty"`
	Key     string         `json:"key,omitempty"`
	Config  *configuration `json:"config,omitempty"`
}
