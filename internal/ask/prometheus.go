package ask

import (
	"context"
	"errors"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fluxmonitoring/operator/internal/flux"
	"github.com/fluxmonitoring/operator/internal/proof"
)

// Prometheus asks what a question needs. A server that lacks a part of the API, as Mimir has no targets, is asked by queries instead.
func (c *Client) Prometheus(ctx context.Context, q *proof.Question, rules bool) proof.Answer {
	a := proof.Answer{Alertmanagers: -1}
	for _, ask := range []func(context.Context, *proof.Question, *proof.Answer) error{c.targets, c.groups, c.observed, c.alertmanagers} {
		if err := ask(ctx, q, &a); err != nil {
			a.Fault = FaultOf(err)
			return a
		}
		if !rules {
			break
		}
	}
	return a
}

// absent reports whether a server lacks a part of the API. Mimir answers 404, and VictoriaMetrics without vmalert 400.
func absent(err error) bool {
	var f *failure
	return errors.As(err, &f) && (f.class == proof.ClassNotFound || f.class == proof.ClassNotAnAPI)
}

// jobs are the PodMonitors of a question.
func jobs(q *proof.Question) []string {
	var found []string
	for _, t := range q.Targets {
		if !slices.Contains(found, t.Job) {
			found = append(found, t.Job)
		}
	}
	return found
}

type activeTarget struct {
	Labels, DiscoveredLabels map[string]string
	ScrapePool               string
	Health                   proof.Health
	LastError                string
}

// targets reads the targets of each PodMonitor. prometheus-operator names the scrape pool of its endpoint i podMonitor/<namespace>/<name>/<i>.
func (c *Client) targets(ctx context.Context, q *proof.Question, a *proof.Answer) error {
	if len(q.Targets) == 0 {
		return nil
	}
	for _, job := range jobs(q) {
		err := c.pools(ctx, job, q.Cluster, a)
		if absent(err) || FaultOf(err).Class == proof.ClassTooLarge { // Thanos answers with all targets
			a.Targets = nil
			return c.up(ctx, q, a)
		}
		if err != nil {
			return err
		}
	}
	if len(a.Targets) == 0 {
		return c.up(ctx, q, a) // its scrape pools have other names, or it does not scrape itself
	}
	return nil
}

// maxEndpoints is how many endpoints of a PodMonitor are asked for. The operator's have one or two.
const maxEndpoints = 5

// pools reads the scrape pools of a PodMonitor until one has no targets. Those of other clusters do not count.
func (c *Client) pools(ctx context.Context, job, cluster string, a *proof.Answer) error {
	for endpoint, found := 0, 1; found > 0 && endpoint < maxEndpoints; endpoint++ {
		pool := "podMonitor/" + job + "/" + strconv.Itoa(endpoint)
		var data struct{ ActiveTargets []activeTarget }
		if err := c.data(ctx, "api/v1/targets", url.Values{"state": {"active"}, "scrapePool": {pool}}, &data); err != nil {
			return err
		}
		found = 0
		for _, t := range data.ActiveTargets {
			if t.ScrapePool == pool && !ofAnother(t.Labels, cluster) {
				found++
				a.Targets = append(a.Targets, proof.SeenTarget{Job: job, Workload: workload(t), Health: t.Health, Error: proof.ClassOf(t.LastError)})
			}
		}
	}
	return nil
}

// workload is the Deployment of a pod: its ReplicaSet's name without the hash, else its own without two parts.
func workload(t activeTarget) string {
	if set := t.DiscoveredLabels["__meta_kubernetes_pod_controller_name"]; set != "" {
		return withoutLast(set)
	}
	return withoutLast(withoutLast(t.Labels["pod"]))
}

func withoutLast(name string) string {
	if i := strings.LastIndex(name, "-"); i >= 0 {
		return name[:i]
	}
	return name
}

type vector struct {
	Result []struct {
		Metric map[string]string
		Value  [2]any
	}
}

// up asks for the targets by the series that every collector writes of them.
func (c *Client) up(ctx context.Context, q *proof.Question, a *proof.Answer) error {
	quoted := jobs(q)
	for i := range quoted {
		quoted[i] = regexp.QuoteMeta(quoted[i])
	}
	var data vector
	selector := "job=~" + strconv.Quote(strings.Join(quoted, "|"))
	if q.Cluster != "" { // others may have FluxMonitorings of the same names
		selector += ",cluster=" + strconv.Quote(q.Cluster)
	}
	query := "up{" + selector + "}"
	if err := c.data(ctx, "api/v1/query", url.Values{"query": {query}}, &data); err != nil {
		return err
	}
	for _, r := range data.Result {
		t := proof.SeenTarget{Job: r.Metric["job"], Workload: withoutLast(withoutLast(r.Metric["pod"])), Health: proof.HealthDown}
		if r.Value[1] == "1" {
			t.Health = proof.HealthUp
		}
		a.Targets = append(a.Targets, t)
	}
	return nil
}

type ruleGroup struct {
	Name, File     string
	Interval       float64
	EvaluationTime float64
	LastEvaluation time.Time
	Rules          []struct {
		Name, Health string
		Labels       map[string]string
	}
}

// seen is a rule group as the question knows it.
func (g *ruleGroup) seen() proof.SeenGroup {
	seen := proof.SeenGroup{
		Group: proof.Group{Name: g.Name}, Evaluated: g.LastEvaluation.Year() > 1, Slow: g.Interval > 0 && g.EvaluationTime > g.Interval,
	}
	for _, r := range g.Rules {
		seen.Rules = append(seen.Rules, r.Name)
		if r.Health == "err" && seen.Failing == "" {
			seen.Failing = r.Name
		}
	}
	return seen
}

// uid and what follows it end the name of a file that prometheus-operator writes for a PrometheusRule.
var uid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.yaml$`)

// groups reads the rule groups of the PrometheusRule. prometheus-operator writes it as <namespace>-<name>-<uid>.yaml; where no file has such a
// name, as in Mimir, the groups are found by their names alone.
func (c *Client) groups(ctx context.Context, q *proof.Question, a *proof.Answer) error {
	if len(q.Groups) == 0 {
		return nil
	}
	names := url.Values{"exclude_alerts": {"true"}}
	for _, g := range q.Groups {
		names.Add("rule_group[]", g.Name)
	}
	var data struct{ Groups []ruleGroup }
	err := c.data(ctx, "api/v1/rules", names, &data)
	if absent(err) || err == nil && len(data.Groups) == 0 && q.Verify.Address != "" {
		a.Mute = true // VictoriaMetrics without vmalert answers that there are none
		return nil
	}
	if err != nil {
		return err
	}
	for _, g := range ofRule(ofCluster(data.Groups, q.Cluster), q.Rule) {
		a.Groups = append(a.Groups, g.seen())
	}
	return nil
}

// ofCluster are the groups without those of other clusters.
func ofCluster(groups []ruleGroup, cluster string) []ruleGroup {
	return slices.DeleteFunc(groups, func(g ruleGroup) bool { return len(g.Rules) > 0 && ofAnother(g.Rules[0].Labels, cluster) })
}

// ofAnother reports whether labels are those of another cluster, which an address may have too, as Thanos Query does. The operator gives every
// target and rule the label of its cluster, and Thanos adds the external labels of each Prometheus.
func ofAnother(labels map[string]string, cluster string) bool {
	has := labels[flux.LabelCluster]
	return cluster != "" && has != "" && has != cluster
}

// ofRule are the groups of a PrometheusRule; all of them if no file has the name of its file.
func ofRule(groups []ruleGroup, rule string) []ruleGroup {
	prefix := strings.Replace(rule, "/", "-", 1) + "-"
	ours := slices.DeleteFunc(slices.Clone(groups), func(g ruleGroup) bool {
		rest, ours := strings.CutPrefix(path.Base(g.File), prefix)
		return !ours || !uid.MatchString(rest)
	})
	if len(ours) > 0 {
		return ours
	}
	return groups
}

// observed reads the age of the newest sample.
func (c *Client) observed(ctx context.Context, q *proof.Question, a *proof.Answer) error {
	if q.Observed == "" {
		return nil
	}
	var data vector
	query := "time() - max(timestamp(" + q.Observed + "))"
	if err := c.data(ctx, "api/v1/query", url.Values{"query": {query}}, &data); err != nil {
		return err
	}
	for _, r := range data.Result {
		text, _ := r.Value[1].(string)
		seconds, err := strconv.ParseFloat(text, 64)
		if err == nil && seconds < float64(1<<31) {
			a.Observed, a.Age = true, time.Duration(seconds*float64(time.Second))
		}
	}
	return nil
}

// alertmanagers counts those that a Prometheus knows. Others do not have this part of the API.
func (c *Client) alertmanagers(ctx context.Context, q *proof.Question, a *proof.Answer) error {
	if !q.Alerting {
		return nil
	}
	var data struct {
		ActiveAlertmanagers []struct{ URL string }
	}
	err := c.data(ctx, "api/v1/alertmanagers", nil, &data)
	if absent(err) {
		return nil
	}
	if err == nil {
		a.Alertmanagers = len(data.ActiveAlertmanagers)
	}
	return err
}
