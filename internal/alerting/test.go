package alerting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fluxmonitoring/operator/internal/ask"
	"github.com/fluxmonitoring/operator/internal/check"
	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	// appearance is how long Alertmanager may take to show an alert that it has accepted.
	appearance = 10 * time.Second
	// often is the time between two requests.
	often = 500 * time.Millisecond
)

// Alertmanager is one with all its replicas. Prometheus sends every alert to each of them.
type Alertmanager struct {
	// Name is <namespace>/<name>, or empty for one that is given by address.
	Name     string
	Replicas []Replica
}

// Test is a test alert on its way.
type Test struct {
	Alert         Alert
	Alertmanagers []Alertmanager
	// Own begins the names of the FluxMonitoring's own receivers. If it is empty, any receiver that notifies somebody is right.
	Own string
	// Advice says what to do if the alert reaches another receiver; empty if it is not known.
	Advice string
	// Wait is how long to wait for the notification; 0 to not wait.
	Wait time.Duration
	// Progress is called with what is done next.
	Progress func(string)
}

// Result is where a test alert got to.
type Result struct {
	Links []check.Link
	// Receivers that Alertmanager chose, sorted.
	Receivers []string
}

// Run sends the alert to every replica and follows it. It returns as soon as everything is known.
func (t Test) Run(ctx context.Context) Result {
	var result Result
	for _, a := range t.Alertmanagers {
		links, receivers := t.one(ctx, a)
		result.Links = append(result.Links, links...)
		result.Receivers = append(result.Receivers, receivers...)
	}
	slices.Sort(result.Receivers)
	result.Receivers = slices.Compact(result.Receivers)
	return result
}

// one tests one Alertmanager.
func (t Test) one(ctx context.Context, a Alertmanager) (links []check.Link, receivers []string) {
	before := t.before(ctx, a)
	t.Progress("Sending the test alert to Alertmanager " + a.Name + "...")
	accepting, refused := t.send(ctx, a)
	links = append(links, accepted(a, accepting, refused)...)
	if len(accepting) == 0 {
		return links, nil
	}
	seen, err := t.find(ctx, accepting)
	if err != nil {
		return append(links, check.Link{Name: linkReceiver, Verdict: check.Unknown, Message: err.Error()}), nil
	}
	has := integrationsOf(ctx, accepting)
	receivers = seen.receivers()
	link := t.judge(seen, has, t.inhibitor(ctx, accepting, seen))
	links = append(links, link)
	if t.Wait > 0 && link.Verdict == check.Holds {
		links = append(links, t.sent(ctx, accepting, before, awaited(receivers, has, t.Own), has))
	}
	return links, receivers
}

// before are the counts of each replica from before the alert, by its name. A replica whose metrics cannot be read is absent.
func (t Test) before(ctx context.Context, a Alertmanager) map[string]map[ask.Source]ask.Count {
	all := map[string]map[ask.Source]ask.Count{}
	if t.Wait == 0 {
		return all
	}
	for _, r := range a.Replicas {
		if counts, err := r.counts(ctx); err == nil {
			all[r.Name] = counts
		}
	}
	return all
}

// send sends the alert to each replica. It returns those that accepted it, and why the others did not, by name.
func (t Test) send(ctx context.Context, a Alertmanager) (accepting []Replica, refused map[string]error) {
	refused = map[string]error{}
	for _, r := range a.Replicas {
		if err := r.send(ctx, t.Alert); err != nil {
			refused[r.Name] = err
			continue
		}
		accepting = append(accepting, r)
	}
	return accepting, refused
}

// find waits until a replica shows the alert.
func (t Test) find(ctx context.Context, replicas []Replica) (seen found, err error) {
	err = errors.New("no replica shows the alert that it accepted")
	until := time.Now().Add(appearance)
	for time.Now().Before(until) {
		for _, r := range replicas {
			all, failure := r.alerts(ctx, t.identity())
			if failure != nil {
				err = fmt.Errorf("%s does not show the alert: %w", r.Name, failure)
			}
			if len(all) > 0 {
				return all[0], nil
			}
		}
		if !pause(ctx) {
			break
		}
	}
	return seen, err
}

// identity are the labels that no other alert has together.
func (t Test) identity() map[string]string {
	return map[string]string{alertNameLabel: AlertName, flux.LabelKind: t.Alert.Labels[flux.LabelKind]}
}

// inhibitor is the name of the alert that inhibits the test alert; empty if none does, or it is not known.
func (t Test) inhibitor(ctx context.Context, replicas []Replica, seen found) string {
	if len(seen.Status.InhibitedBy) == 0 {
		return ""
	}
	all, err := replicas[0].alerts(ctx, nil)
	if err != nil {
		return ""
	}
	for _, other := range all {
		if other.Fingerprint == seen.Status.InhibitedBy[0] {
			return other.Labels[alertNameLabel]
		}
	}
	return ""
}

// integrationsOf are the integrations of all receivers; nil if no replica says.
func integrationsOf(ctx context.Context, replicas []Replica) map[string][]string {
	for _, r := range replicas {
		if all, err := r.integrations(ctx); err == nil {
			return all
		}
	}
	return nil
}

// sent waits until every integration of the receivers has sent something, or has failed to.
func (t Test) sent(
	ctx context.Context, replicas []Replica, before map[string]map[ask.Source]ask.Count, by []ask.Source, has map[string][]string,
) check.Link {
	t.Progress(fmt.Sprintf("Waiting for the notification, at most %s...", t.Wait))
	until := time.Now().Add(t.Wait)
	for settled := false; ; {
		rise, err := risen(ctx, replicas, before)
		link, known := delivered(rise, by)
		if err == nil && known && settled || !time.Now().Before(until) || !pause(ctx) {
			if err != nil {
				return check.Link{Name: linkSent, Verdict: check.Unknown, Message: fmt.Sprintf("The metrics of Alertmanager cannot be read: %v.", err)}
			}
			others, err := t.others(ctx, replicas[0])
			if link.Message += doubt(others, rise, by, has); err != nil {
				link.Message += " The count can be of another alert."
			}
			return link
		}
		settled = known // a moment passes until a request that failed is counted as failed too
	}
}

// others are all alerts of a replica except the test alert.
func (t Test) others(ctx context.Context, r Replica) ([]found, error) {
	all, err := r.alerts(ctx, nil)
	return slices.DeleteFunc(all, func(a found) bool { return a.Labels[flux.LabelKind] == t.Alert.Labels[flux.LabelKind] }), err
}

// risen is how much the counts of all replicas rose together. In a cluster only one replica notifies.
func risen(ctx context.Context, replicas []Replica, before map[string]map[ask.Source]ask.Count) (map[ask.Source]ask.Count, error) {
	rise := map[ask.Source]ask.Count{}
	for _, r := range replicas {
		now, err := r.counts(ctx)
		old, known := before[r.Name]
		if err == nil && !known {
			err = errors.New("they could not be read before the alert was sent")
		}
		if err != nil {
			return rise, fmt.Errorf("%s: %w", r.Name, err)
		}
		for of, n := range now {
			old := old[of]
			rise[of] = ask.Count{
				Requests: rise[of].Requests + max(n.Requests-old.Requests, 0), Failed: rise[of].Failed + max(n.Failed-old.Failed, 0),
			}
		}
	}
	return rise, nil
}

// pause waits a moment; false if the command ends.
func pause(ctx context.Context) bool {
	select {
	case <-time.After(often):
		return true
	case <-ctx.Done():
		return false
	}
}

func (f found) receivers() []string {
	names := make([]string, 0, len(f.Receivers))
	for _, r := range f.Receivers {
		names = append(names, r.Name)
	}
	return names
}
