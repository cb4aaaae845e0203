// Package claims decides which of several FluxMonitorings of one Flux a Prometheus serves. It is pure: it works on plain data, so any
// order of events can be tried on it.
//
// Each resource decides for itself, from what all of them say. The rules are those of docs/decisions/0025-claims.md.
package claims

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Verb is what a Prometheus does for a FluxMonitoring.
type Verb string

const (
	// Scrape is done by whatever selects PodMonitors.
	Scrape Verb = "scrape"
	// Evaluate is done by whatever selects PrometheusRules.
	Evaluate Verb = "evaluate"
)

// Use is one thing that one Prometheus or PrometheusAgent does. Two FluxMonitorings of one Flux must not share it.
type Use struct {
	Verb                  Verb
	Kind, Namespace, Name string
}

// Claim is what one FluxMonitoring wants, and what its status says that it has.
type Claim struct {
	UID types.UID
	Of  types.NamespacedName
	// Near is that it lives in Flux's namespace or in the operator's, which no tenant writes to.
	Near bool
	// Since is when it was created.
	Since time.Time
	// Wants are the uses that it asks for.
	Wants []Use
	// Holds are the uses that its objects have, as it was last seen. They may be of an older spec.
	Holds map[Use]bool
	// Void is that it can do nothing, so that it keeps nobody else from anything: it is deleted, suspended, invalid or refused.
	Void bool
	// Current is that Holds was seen with the present spec.
	Current bool
}

// stands reports whether a Prometheus serves this claim now, with what its present spec wants.
func (c *Claim) stands(u Use) bool { return !c.Void && c.Current && c.Holds[u] }

// Step is what a FluxMonitoring does next.
type Step int

const (
	// Apply what it wants: nobody goes before it, or the objects of the one that does are not there yet.
	Apply Step = iota
	// Retry what it wants, because it was refused before and another has taken its place: it withdraws only if it is refused again.
	Retry
	// Leave what is there as it is, and create nothing: another goes before it, whose objects are not there yet.
	Leave
	// Withdraw what is there: the objects of another that goes before it are there.
	Withdraw
)

// Decision is what follows for one FluxMonitoring. Its zero value is that it is alone.
type Decision struct {
	Step Step
	// Against is the FluxMonitoring that has the claim, unless the step is Apply.
	Against types.NamespacedName
	// Use is the first that both want.
	Use Use
}

// Lost reports whether another FluxMonitoring goes before this one.
func (d Decision) Lost() bool { return d.Step == Leave || d.Step == Withdraw }

// Decide is the decision for one of these claims. It does not depend on their order.
func Decide(own types.UID, all []Claim) Decision {
	taken := map[Use][]*Claim{}
	for _, c := range ranked(all) {
		if c.Void && c.UID != own {
			continue
		}
		d := c.against(taken)
		if c.UID == own {
			if d.Step == Apply && c.Void {
				return c.replaced(all)
			}
			return d
		}
		if d.Step != Apply {
			continue
		}
		for _, u := range c.Wants {
			taken[u] = append(taken[u], c)
		}
	}
	return Decision{}
}

// against is the decision for a claim behind those that have taken their uses, which are several where one keeps what another has not
// got yet. A claim is kept until all that it wants of theirs is served for one of them.
func (c *Claim) against(taken map[Use][]*Claim) Decision {
	d, waits := Decision{}, false
	for _, u := range c.Wants {
		if len(taken[u]) == 0 {
			continue
		}
		i := slices.IndexFunc(taken[u], func(other *Claim) bool { return other.stands(u) })
		if i < 0 && c.Holds[u] {
			return Decision{}
		}
		waits = waits || i < 0
		if d.Step == Apply {
			d = Decision{Step: Withdraw, Against: taken[u][max(i, 0)].Of, Use: u}
		}
	}
	if waits {
		d.Step = Leave
	}
	return d
}

// replaced is the decision for a void claim that nobody goes before. What it holds is withdrawn only if others stand on all of that.
func (c *Claim) replaced(all []Claim) Decision {
	d, stood := Decision{}, map[Use]bool{}
	for _, other := range ranked(all) {
		if other.UID == c.UID {
			continue
		}
		for _, u := range c.Wants {
			if other.stands(u) {
				stood[u] = true
				if d.Step == Apply {
					d = Decision{Step: Retry, Against: other.Of, Use: u}
				}
			}
		}
	}
	for u := range c.Holds {
		if !stood[u] {
			return Decision{}
		}
	}
	return d
}

// ranked are the claims in the order in which they go before each other.
func ranked(all []Claim) []*Claim {
	order := make([]*Claim, 0, len(all))
	for i := range all {
		order = append(order, &all[i])
	}
	slices.SortFunc(order, func(a, b *Claim) int {
		if a.Near != b.Near {
			if a.Near {
				return -1
			}
			return 1
		}
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Of.String(), b.Of.String()))
	})
	return order
}

// Shares reports whether a claim wants a use that the other wants, and where that is asked, holds it.
func (c *Claim) Shares(other *Claim, holding bool) bool {
	return slices.ContainsFunc(c.Wants, func(u Use) bool { return slices.Contains(other.Wants, u) && (!holding || c.Holds[u]) })
}
