package selection

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// Operation is what a Prometheus or PrometheusAgent object says, besides its selectors, that decides whether it scrapes and evaluates
// what it selects.
//
// The rest decides nothing, or not by itself. overrideHonorLabels and enforcedNamespaceLabel rename labels that the generated
// relabelings and recordings are written for. Enforced limits of samples, labels and body size stop a scrape by what is served, which
// the object does not say: up is 0 then, and FluxControllerDown or FluxResourceMetricsAbsent fires. enforcedKeepDroppedTargets limits
// a page of its web interface. Generated PodMonitors read no file, so arbitraryFSAccessThroughSMs takes nothing from them. A PrometheusAgent
// of mode DaemonSet selects PodMonitors as any other. serviceDiscoveryRole is about Services, listenLocal and disableCompaction about what
// happens to samples after. ruleQueryOffset delays alerts and loses none. Conditions in the status change with every rollout.
type Operation struct {
	// Deleting: the object is being deleted.
	Deleting bool `json:"deleting,omitempty"`
	// Stopped: spec.replicas is 0.
	Stopped bool `json:"stopped,omitempty"`
	// Paused is spec.paused: what prometheus-operator gave it before stays, and nothing new comes.
	Paused bool `json:"paused,omitempty"`
	// Shards it has, each of which evaluates all rules on the samples of its own targets; 0 and 1 are the same.
	Shards int32 `json:"shards,omitempty"`
	// TargetLimit is how many targets one PodMonitor may have before none is scraped; 0 is no limit.
	TargetLimit int64 `json:"targetLimit,omitempty"`
	// ReceivesSamples: it reads samples from elsewhere, or others write some into it, so that it may have what it does not scrape.
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
	// Default: it is that of every PodMonitor that names none.
	Default bool `json:"default,omitempty"`
	// Authorizes: it has Prometheus send a token or the like.
	Authorizes bool `json:"authorizes,omitempty"`
}

// Class is the scrape class of a PodMonitor that names one, or with an empty name of one that names none; false where there is none.
func (o Operation) Class(name string) (ScrapeClass, bool) {
	for _, c := range o.Classes {
		if name != "" && c.Name == name || name == "" && c.Default {
			return c, true
		}
	}
	return ScrapeClass{}, false
}

// IdleReason says why nothing of it runs; empty where it does.
func (o Operation) IdleReason() string {
	switch {
	case o.Deleting:
		return "it is being deleted"
	case o.Stopped:
		return "spec.replicas is 0, so nothing of it runs: set it to 1 or more"
	}
	return ""
}

// lookback is how long Prometheus knows the last sample of a series.
const lookback = 5 * time.Minute

// SlowReason says that it evaluates rules too seldom for what they record to be there when it is read; empty where it does not.
func (o Operation) SlowReason() string {
	interval, err := model.ParseDuration(o.EvaluationInterval)
	if err != nil || time.Duration(interval) < lookback {
		return ""
	}
	return fmt.Sprintf("spec.evaluationInterval is %s, so what is recorded has gone before it is read: set it below 5m", o.EvaluationInterval)
}

// ShardedReason says that each of its shards evaluates the alerts on a part of the samples; empty where there is one shard.
func (o Operation) ShardedReason() string {
	if o.Shards < 2 {
		return ""
	}
	return fmt.Sprintf("spec.shards is %d, and each shard evaluates the alerts only with the samples of its own targets: have a ThanosRuler "+
		"evaluate the PrometheusRule, or have each shard scrape Flux by a relabeling of the PodMonitors with targetLabel "+
		UnshardedLabel+", by spec.patches", o.Shards)
}

// UnshardedLabel is the label that, set by a relabeling, has every shard scrape a target.
const UnshardedLabel = "__tmp_disable_sharding"
