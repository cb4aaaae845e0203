package query

import (
	"github.com/prometheus/prometheus/model/labels"
)

// Is matches series whose label has exactly this value.
func Is(label, value string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, label, value)
}

// Among matches series whose label has one of the values a dashboard's variable holds, such as $cluster.
func Among(label, variable string) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchRegexp, label, variable)
}
