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
	UID  types.UID
	Name types.NamespacedName
	// Privileged is that it lives in Flux's namespace or in the operator's, which no tenant writes to.
	Privileged bool
	// CreatedAt is when it was created.
	CreatedAt time.Time
	// Desired are the uses that it asks for.
	Desired []Use
	// Held are the uses that its objects have, as it was last seen. They may be of an older spec.
	Held map[Use]bool
	// Inactive is that it can do nothing, so that it keeps nobody else from anything: it is deleted, suspended, invalid or refused.
	Inactive bool
	// Current is that Holds was seen with the present spec.
	Current bool
}

// isServed reports whether a Prometheus serves this claim now, with what its present spec wants.
func (c *Claim) isServed(u Use) bool { return !c.Inactive && c.Current && c.Held[u] }

// Step is what a FluxMonitoring does next.
type Step int

const (
	// Apply what it wants: nobody goes before it, or the objects of the one that does are not there yet.
	Apply Step = iota
	// Retry what it wants, because it was refused before and another has taken its place: it withdraws only if it is refused again.
	Retry
	// Wait what is there as it is, and create nothing: another goes before it, whose objects are not there yet.
	Wait
	// Withdraw what is there: the objects of another that goes before it are there.
	Withdraw
)

// Decision is what follows for one FluxMonitoring. Its zero value is that it is alone.
type Decision struct {
	Step Step
	// Winner is the FluxMonitoring that has the claim, unless the step is Apply.
	Winner types.NamespacedName
	// Use is the first that both want.
	Use Use
}

// Lost reports whether another FluxMonitoring goes before this one.
func (d Decision) Lost() bool { return d.Step == Wait || d.Step == Withdraw }

// Decide is the decision for one of these claims. It does not depend on their order.
func Decide(own types.UID, all []Claim) Decision {
	taken := map[Use][]*Claim{}
	for _, c := range byPriority(all) {
		if c.Inactive && c.UID != own {
			continue
		}
		d := c.decideAgainst(taken)
		if c.UID == own {
			if d.Step == Apply && c.Inactive {
				return c.decideInactive(all)
			}
			return d
		}
		if d.Step != Apply {
			continue
		}
		for _, u := range c.Desired {
			taken[u] = append(taken[u], c)
		}
	}
	return Decision{}
}

// decideAgainst is the decision for a claim behind those that have taken their uses, which are several where one keeps what another has not
// got yet. A claim is kept until all that it wants of theirs is served for one of them.
func (c *Claim) decideAgainst(taken map[Use][]*Claim) Decision {
	d, waits := Decision{}, false
	for _, u := range c.Desired {
		if len(taken[u]) == 0 {
			continue
		}
		i := slices.IndexFunc(taken[u], func(other *Claim) bool { return other.isServed(u) })
		if i < 0 && c.Held[u] {
			return Decision{}
		}
		waits = waits || i < 0
		if d.Step == Apply {
			d = Decision{Step: Withdraw, Winner: taken[u][max(i, 0)].Name, Use: u}
		}
	}
	if waits {
		d.Step = Wait
	}
	return d
}

// decideInactive is the decision for a void claim that nobody goes before. What it holds is withdrawn only if others stand on all of that.
func (c *Claim) decideInactive(all []Claim) Decision {
	d, stood := Decision{}, map[Use]bool{}
	for _, other := range byPriority(all) {
		if other.UID == c.UID {
			continue
		}
		for _, u := range c.Desired {
			if other.isServed(u) {
				stood[u] = true
				if d.Step == Apply {
					d = Decision{Step: Retry, Winner: other.Name, Use: u}
				}
			}
		}
	}
	for u := range c.Held {
		if !stood[u] {
			return Decision{}
		}
	}
	return d
}

// byPriority are the claims in the order in which they go before each other.
func byPriority(all []Claim) []*Claim {
	order := make([]*Claim, 0, len(all))
	for i := range all {
		order = append(order, &all[i])
	}
	slices.SortFunc(order, func(a, b *Claim) int {
		if a.Privileged != b.Privileged {
			if a.Privileged {
				return -1
			}
			return 1
		}
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Name.String(), b.Name.String()))
	})
	return order
}

// Conflicts reports whether a claim wants a use that the other wants, and where that is asked, holds it.
func (c *Claim) Conflicts(other *Claim, holding bool) bool {
	return slices.ContainsFunc(c.Desired, func(u Use) bool { return slices.Contains(other.Desired, u) && (!holding || c.Held[u]) })
}
