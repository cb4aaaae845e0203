package selection

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// Operation has the fields, besides selectors, that decide whether an instance scrapes and evaluates what it selects.
//
// Other fields decide nothing, or not by themselves. overrideHonorLabels and enforcedNamespaceLabel rename labels for
// which the generated relabelings and recording rules are prepared. Enforced limits of samples, labels and body size
// fail a scrape, which alerts report. enforcedKeepDroppedTargets limits a page of the web interface. Generated
// PodMonitors read no file, so arbitraryFSAccessThroughSMs does not affect them. A PrometheusAgent of mode DaemonSet
// selects PodMonitors like any other. serviceDiscoveryRole is about Services, listenLocal and disableCompaction about
// what happens to samples later. ruleQueryOffset delays alerts and loses none. Status conditions change with every
// rollout.
type Operation struct {
	// Deleting: the object is being deleted.
	Deleting bool `json:"deleting,omitempty"`
	// Stopped: spec.replicas is 0.
	Stopped bool `json:"stopped,omitempty"`
	// Paused is spec.paused: prometheus-operator does not update the running configuration.
	Paused bool `json:"paused,omitempty"`
	// Shards is the number of shards, each of which evaluates all rules on its own targets. 0 is 1.
	Shards int32 `json:"shards,omitempty"`
	// TargetLimit is how many targets a PodMonitor can have before none is scraped; 0 is no limit.
	TargetLimit int64 `json:"targetLimit,omitempty"`
	// ReceivesSamples: it has samples that it does not scrape, by remote read or write.
	ReceivesSamples bool `json:"receives,omitempty"`
	// AddedLabels are the labels that it adds to what it scrapes, records or sends, sorted.
	AddedLabels []string `json:"adds,omitempty"`
	// Relabels: it relabels what it scrapes through every PodMonitor.
	Relabels bool `json:"relabels,omitempty"`
	// Classes are its scrape classes, in their order.
	Classes []ScrapeClass `json:"classes,omitempty"`
	// EvaluationInterval of rules; empty is the default, 30s.
	EvaluationInterval string `json:"evaluationInterval,omitempty"`
}

// ScrapeClass is one of spec.scrapeClasses.
type ScrapeClass struct {
	Name string `json:"name"`
	// Default: it applies to PodMonitors that name none.
	Default bool `json:"default,omitempty"`
	// Authorizes: Prometheus sends credentials with it.
	Authorizes bool `json:"authorizes,omitempty"`
}

// Class returns the scrape class with a name, or the default one if the name is empty; false if there is none.
func (o Operation) Class(name string) (ScrapeClass, bool) {
	for _, c := range o.Classes {
		if name != "" && c.Name == name || name == "" && c.Default {
			return c, true
		}
	}
	return ScrapeClass{}, false
}

// IdleReason says why it does not run; empty if it does.
func (o Operation) IdleReason() string {
	switch {
	case o.Deleting:
		return "it is being deleted"
	case o.Stopped:
		return "spec.replicas is 0, so nothing of it runs: set it to 1 or more"
	}
	return ""
}

// lookback is how long a sample is current in Prometheus.
const lookback = 5 * time.Minute

// SlowReason says that it evaluates rules too rarely for recorded series to be current; empty if it does not.
func (o Operation) SlowReason() string {
	interval, err := model.ParseDuration(o.EvaluationInterval)
	if err != nil || time.Duration(interval) < lookback {
		return ""
	}
	return fmt.Sprintf("spec.evaluationInterval is %s, so what is recorded has gone before it is read: set it below 5m", o.EvaluationInterval)
}

// ShardedReason says that each shard evaluates the alerts on a part of the samples; empty if there is one shard.
func (o Operation) ShardedReason() string {
	if o.Shards < 2 {
		return ""
	}
	return fmt.Sprintf("spec.shards is %d, and each shard has only the samples of its own targets. Have a ThanosRuler evaluate the "+
		"PrometheusRule, or set "+UnshardedLabel+" by a relabeling of the PodMonitors in spec.patches", o.Shards)
}

// UnshardedLabel makes every shard scrape a target, if a relabeling sets it.
const UnshardedLabel = "__tmp_disable_sharding"
