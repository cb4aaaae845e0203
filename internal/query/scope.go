package query

import (
	"regexp"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// Is matches series whose label has exactly this value.
func Is(label, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, label, value)
}

// IsNot matches series whose label has any value but this.
func IsNot(label, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchNotEqual, label, value)
}

// Origin matches the series of one installation: those of a job, or if the job is not known, those whose target is in the installation's
// namespace.
func Origin(job, namespace string) *labels.Matcher {
	if job == "" {
		return Is(flux.LabelNamespace, namespace)
	}
	return Is(flux.LabelJob, job)
}

// Of matches the series of one cluster: those with its label, and those without a cluster label, as inside the cluster itself.
func Of(cluster string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchRegexp, flux.LabelCluster, "|"+regexp.QuoteMeta(cluster))
}

// Like matches series whose label's whole value matches a regular expression.
func Like(label, pattern string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchRegexp, label, pattern)
}

// Among matches series whose label has one of the values of a dashboard's variable, such as $cluster.
func Among(label, variable string) *labels.Matcher { return Like(label, variable) }
