package statemetrics

// configuration is the configuration file of kube-state-metrics, as far as it is used. Its own types would import all
// of kube-state-metrics.
type configuration struct {
	Kind string `json:"kind"`
	Spec spec   `json:"spec"`
}

type spec struct {
	Resources []resource `json:"resources"`
}

// resource is the metrics of one kind.
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

// path of a field. An element is a key, an index, or [key=value] for a list item.
type path []string

// family is a metric. A label has its value from Each, else from LabelsFromPath, else from CommonLabels.
type family struct {
	Name           string            `json:"name"`
	Help           string            `json:"help"`
	CommonLabels   map[string]string `json:"commonLabels,omitempty"`
	LabelsFromPath map[string]path   `json:"labelsFromPath,omitempty"`
	Each           each              `json:"each"`
}

// each is the source of a family's series: one of the three fields, which Type names.
type each struct {
	Type     string    `json:"type"`
	Info     *info     `json:"info,omitempty"`
	StateSet *stateSet `json:"stateSet,omitempty"`
	Gauge    *gauge    `json:"gauge,omitempty"`
}

// info is one series of value 1 with labels. Without a label there is no series.
type info struct {
	LabelsFromPath map[string]path `json:"labelsFromPath"`
}

// stateSet is a series for each value in List, 1 for the current one. Without the field there is no series.
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

// values of the chart kube-prometheus-stack.
type values struct {
	KubeStateMetrics chartValues `json:"kube-state-metrics"`
}

// chartValues of the chart kube-state-metrics.
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
