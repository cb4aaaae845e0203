package query

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/model/labels"
)

var job = Is("job", "monitoring/flux")

// narrowings are queries, matchers and what becomes of them.
var narrowings = map[string]struct {
	query    Query
	matchers []*labels.Matcher
	want     string
}{
	"to both sides of an operator": {
		New(`process_resident_memory_bytes / go_gc_gomemlimit_bytes`), []*labels.Matcher{job},
		`process_resident_memory_bytes{job="monitoring/flux"} / go_gc_gomemlimit_bytes{job="monitoring/flux"}`,
	},
	"to range selectors": {
		New(`sum by (kind) (rate(gotk_reconcile_duration_seconds_count[5m]))`), []*labels.Matcher{job},
		`sum by (kind) (rate(gotk_reconcile_duration_seconds_count{job="monitoring/flux"}[5m]))`,
	},
	"beside the matchers there are": {
		New(`rest_client_requests_total{code="429"}`), []*labels.Matcher{job},
		`rest_client_requests_total{code="429",job="monitoring/flux"}`,
	},
	"not where the label is fixed": {
		New(`up{job="other"} or up`), []*labels.Matcher{job},
		`up{job="other"} or up{job="monitoring/flux"}`,
	},
	"not where the metric does not carry the label": {
		New(`flux:resource:not_ready or workqueue_depth`), []*labels.Matcher{job, Among("exported_namespace", "$namespace")},
		`flux:resource:not_ready{exported_namespace=~"$namespace"} or workqueue_depth{job="monitoring/flux"}`,
	},
	"two of one label, given together": {
		New(`up`), []*labels.Matcher{Is("app", "a"), Among("app", ".+")},
		`up{app="a",app=~".+"}`,
	},
	"to a metric named by a matcher": {
		New(`{__name__="flux:resource:ready"} or {__name__="up"}`), []*labels.Matcher{job},
		`{__name__="flux:resource:ready"} or {__name__="up",job="monitoring/flux"}`,
	},
	"with an offset": {
		New(`up offset 2h`), []*labels.Matcher{job}, `up{job="monitoring/flux"} offset 2h`,
	},
	"a value the parser would not read as it is printed": {
		New(`up`), []*labels.Matcher{Is("cluster", "\uFFFD")}, `up{cluster="\ufffd"}`,
	},
	"beside a matcher that excludes": {
		New(`flux:resource:ready{kind!="FluxMonitoring"}`), []*labels.Matcher{Is("kind", "Kustomization")},
		`flux:resource:ready{kind!="FluxMonitoring",kind="Kustomization"}`,
	},
	"to a metric named by a regular expression, if any has the label": {
		KnownObjects, []*labels.Matcher{Is("kind", "Bucket"), job}, `{__name__=~"flux:resource:(?:ready|not_ready|suspended)",kind="Bucket"}`,
	},
	"a dashboard's variable is a value like any other": {
		New(`up`), []*labels.Matcher{Among("cluster", "$cluster")}, `up{cluster=~"$cluster"}`,
	},
}

func TestWithinAddsMatchersToEverySelector(t *testing.T) {
	for name, c := range narrowings {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(c.query.Within(c.matchers...).String()).To(Equal(c.want))
		})
	}
}

func TestTheHighestRecordedStateCounts(t *testing.T) {
	g := NewWithT(t)
	g.Expect(ObjectState([]string{"flux:resource:ready", "flux:resource:not_ready"}).String()).To(Equal(
		`3 * max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready)` +
			` or (0 * max by (cluster, kind, exported_namespace, name) (flux:resource:ready))`))
	g.Expect(TroubledState([]string{"flux:resource:ready", "flux:resource:stalled", "flux:resource:not_ready"}).String()).To(Equal(
		`5 * max by (cluster, kind, exported_namespace, name) (flux:resource:stalled)` +
			` or (3 * max by (cluster, kind, exported_namespace, name) (flux:resource:not_ready))`))
	g.Expect(ObjectState(nil)).To(Equal(NotReady), "a query, also where nothing is recorded")
}

func TestOperationsOnQueriesGiveTheirPromQL(t *testing.T) {
	ratio := New(`sum(rate(a_total{x="[1m]"}[5m])) / sum(rate(b_total[5m] offset 1h))`)
	by := []string{"cluster", "kind"}
	for want, q := range map[string]Query{
		`sum(rate(a_total{x="[1m]"}[10m])) / sum(rate(b_total[10m] offset 1h))`:                           ratio.Over("10m"),
		`sum(rate(a_total{x="[1m]"}[$__rate_interval])) / sum(rate(b_total[$__rate_interval] offset 1h))`: ratio.Over("$__rate_interval"),
		`sum(rate(a_total{x="[1m]"}[5m])) / sum(rate(b_total[5m] offset 1h))`:                             ratio.Over(""),
		`up`:                                  New(`up`).Over("10m"), // it has no range
		`rate(a[5m]) and b offset 1d and c`:   New(`rate(a[5m]) and b offset 2h and c`).Ago(24 * time.Hour),
		`rate(a[5m])`:                         New(`rate(a[5m])`).Ago(time.Hour), // it has no offset
		`(a or b) and on (cluster, kind) (c)`: New(`a or b`).And(by, New(`c`)),
		`(a > 1 or c) unless on (cluster, kind) (b or d)`: New(`a > 1 or c`).Unless(by, New(`b or d`)),
		`up > 3`:                         New(`up`).Above(3),
		`(a / b) > 0.9`:                  New(`a / b`).Above(0.9),
		`(a or b) >= 1`:                  New(`a or b`).AtLeast(1),
		`a > 1000000000`:                 New(`a`).Above(1e9),
		`a > -1`:                         New(`a`).Above(-1),
		`rate(a[$w]) > 1`:                New(`rate(a[5m])`).Over("$w").Above(1),
		`count(up == 1) or vector(0)`:    New(`count(up == 1)`).OrZero(),
		`rate(up{job="a[b]"}[$__range])`: New(`rate(up[5m])`).Over("$__range").Within(Is("job", "a[b]")),
	} {
		NewWithT(t).Expect(q.String()).To(Equal(want))
	}
}

func TestMetricsAreSortedWithoutDuplicates(t *testing.T) {
	g := NewWithT(t)
	g.Expect(New(`b / (a + rate(b[5m])) + {__name__="c"}`).Metrics()).To(Equal([]string{"a", "b", "c"}))
	g.Expect(New(`vector(1)`).Metrics()).To(BeEmpty())
	g.Expect(New(`a > 1 or c`).Unless(nil, New(`b or d`)).Metrics()).To(Equal([]string{"a", "b", "c", "d"}))
	g.Expect(KnownObjects.Metrics()).To(Equal([]string{"flux:resource:not_ready", "flux:resource:ready", "flux:resource:suspended"}))
}

func TestQueriesAreImmutable(t *testing.T) {
	g := NewWithT(t)
	q := New(`rate(up[5m])`)
	_ = q.Within(Is("job", "a")).Over("1h").Above(1).OrZero()
	g.Expect(q.String()).To(Equal(`rate(up[5m])`))
}

func TestNewPanicsOnInvalidPromQL(t *testing.T) {
	NewWithT(t).Expect(func() { New(`sum(`) }).To(PanicWith(ContainSubstring("query: sum(: 1:5: parse error")))
}

func TestParseErrorsHaveThePosition(t *testing.T) {
	for expr, want := range map[string]string{
		"sum(rate(foo[5m])":  `1:18: unclosed left parenthesis`,
		"rate(foo)":          `1:6: expected type range vector in call to function "rate", got instant vector`,
		"up{\n  job=flux}":   `2:7: unexpected identifier "flux" in label matching, expected string`,
		"up ==":              `1:6: unexpected end of input`,
		"count by (app) (up": `1:19: unclosed left parenthesis`,
		"":                   `1:1: the expression is empty`,
		" \n":                `1:1: the expression is empty`,
	} {
		t.Run(expr, func(t *testing.T) {
			NewWithT(t).Expect(Parse(expr)).To(MatchError(want))
		})
	}
}

func TestParseAcceptsValidPromQL(t *testing.T) {
	g := NewWithT(t)
	for _, expr := range []string{
		`up == 0`, `sort_by_label(up, "app")`, `rate(foo[5m]) # a comment`, `up offset (5m * 2)`, `{"a.b"}`,
	} {
		g.Expect(Parse(expr)).To(Succeed(), expr)
	}
}
