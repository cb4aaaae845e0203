// Package claims decides which of several FluxMonitorings of one Flux a Prometheus serves. It is pure, so that tests
// can try any order of events.
//
// Each FluxMonitoring decides for itself, from the spec and status of all. docs/decisions/0025-claims.md has the
// rules.
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
	// Scrape means that it selects the PodMonitors.
	Scrape Verb = "scrape"
	// Evaluate means that it selects the PrometheusRules.
	Evaluate Verb = "evaluate"
)

// Use is one verb of one Prometheus or PrometheusAgent. Two FluxMonitorings of one Flux must not share it.
type Use struct {
	Verb                  Verb
	Kind, Namespace, Name string
}

// Claim is what one FluxMonitoring desires, and what its status says that it has.
type Claim struct {
	UID  types.UID
	Name types.NamespacedName
	// Privileged: it is in Flux's namespace or the operator's, to which tenants do not write.
	Privileged bool
	// CreatedAt is its creation timestamp.
	CreatedAt time.Time
	// Desired uses.
	Desired []Use
	// Held are the uses of its existing objects, as last reported. They can be of an older spec.
	Held map[Use]bool
	// Inactive: it is deleted, suspended, invalid or refused, so it blocks nobody.
	Inactive bool
	// UpToDate: Held was reported for the current spec.
	Current bool
}

// isServed reports whether a Prometheus serves this claim now, for its current spec.
func (c *Claim) isServed(u Use) bool { return !c.Inactive && c.Current && c.Held[u] }

// Step is what a FluxMonitoring does next.
// Step is what a FluxMonitoring does next.
type Step int

const (
	// Apply means that nobody has priority, or the objects of the one that has are not served yet.
	Apply Step = iota
	// Retry means that it was refused, and another has taken its place. It withdraws only if it is refused again.
	Retry
	// Wait means that another has priority, whose objects are not served yet. It keeps its objects and creates none.
	Wait
	// Withdraw means that another has priority, and its objects are served.
	Withdraw
)

// Decision is what follows for one FluxMonitoring. The zero value is that it is alone.
type Decision struct {
	Step Step
	// Winner is the FluxMonitoring that has priority, unless the step is Apply.
	Winner types.NamespacedName
	// Use is the first one that both desire.
	Use Use
}

// Lost reports whether another FluxMonitoring has priority.
func (d Decision) Lost() bool { return d.Step == Wait || d.Step == Withdraw }

// Decide returns the decision for one of these claims. It does not depend on their order.
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

// decideAgainst is the decision given the uses that claims with priority have taken, several of which can desire one
// use. A claim is kept until one of them is served for everything that it desires.
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

// decideInactive is the decision for an inactive claim. It is withdrawn only if others are served for all that it
// holds.
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

// byPriority sorts the claims by priority.
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

// Conflicts reports whether two claims desire the same use; if holding is true, one that the first holds.
func (c *Claim) Conflicts(other *Claim, holding bool) bool {
	return slices.ContainsFunc(c.Desired, func(u Use) bool { return slices.Contains(other.Desired, u) && (!holding || c.Held[u]) })
}
