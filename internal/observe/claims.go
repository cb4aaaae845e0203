package observe

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/claims"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// claims returns the claim of a FluxMonitoring, then those of the others of its Flux. The given FluxMonitoring counts
// as given, because it can differ from the stored one.
func (o *Observer) claims(ctx context.Context, fm *v1alpha1.FluxMonitoring, all []selection.Instance) ([]claims.Claim, error) {
	siblings, err := o.Siblings(ctx, fm.Spec.FluxNamespace())
	if err != nil {
		return nil, err
	}
	members := []*v1alpha1.FluxMonitoring{fm}
	for i := range siblings {
		if siblings[i].UID != fm.UID {
			members = append(members, &siblings[i])
		}
	}
	return o.claimsOf(ctx, members, all)
}

// Siblings are the FluxMonitorings of the Flux in a namespace. They are shared: do not change them.
func (o *Observer) Siblings(ctx context.Context, fluxNamespace string) ([]v1alpha1.FluxMonitoring, error) {
	var all v1alpha1.FluxMonitoringList
	err := o.Reader.List(ctx, &all, client.MatchingFields{FluxNamespaceIndex: fluxNamespace}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, fmt.Errorf("listing FluxMonitorings of Flux in namespace %s: %w", fluxNamespace, err)
	}
	return all.Items, nil
}

// claimsOf are the claims of FluxMonitorings of one Flux, in their order.
func (o *Observer) claimsOf(
	ctx context.Context, members []*v1alpha1.FluxMonitoring, all []selection.Instance,
) ([]claims.Claim, error) {
	labels := make([]map[string]string, len(members))
	for i, fm := range members {
		var err error
		if labels[i], _, err = o.namespace(ctx, fm.Namespace); err != nil {
			return nil, err
		}
	}
	found := make([]claims.Claim, 0, len(members))
	for i, uses := range o.uses.usesOf(members, labels, all) {
		fm := members[i]
		c := claims.New(fm, uses)
		c.Privileged = fm.Namespace == fm.Spec.FluxNamespace() || fm.Namespace == o.OperatorNamespace
		c.Inactive = c.Inactive || NeverObserved(o.Shard, fm)
		found = append(found, c)
	}
	return found, nil
}

// Affected are the FluxMonitorings of the same Flux that desire a use that one of these versions desires; if holding
// is true, only those that hold it.
func (o *Observer) Affected(ctx context.Context, holding bool, versions ...*v1alpha1.FluxMonitoring) ([]types.NamespacedName, error) {
	all, err := o.instances(ctx)
	if err != nil {
		return nil, err
	}
	var affected []types.NamespacedName
	for _, version := range versions {
		found, err := o.claims(ctx, version, all)
		if err != nil {
			return nil, err
		}
		for _, other := range found[1:] {
			if other.Conflicts(&found[0], holding) {
				affected = append(affected, other.Name)
			}
		}
	}
	return affected, nil
}

// NeverObserved reports whether a FluxMonitoring belongs to another shard whose operator has never observed it, and
// possibly does not exist.
func NeverObserved(shard labels.Selector, fm *v1alpha1.FluxMonitoring) bool {
	return shard != nil && !shard.Matches(labels.Set(fm.Labels)) && fm.Status.ObservedGeneration == 0
}

// ClaimState is what decides claims in a FluxMonitoring, except for the labels of namespaces.
type ClaimState struct {
	fluxNamespace           string
	inputs                  claimInputs
	held                    map[claims.Use]bool
	inactive, partlyRefused bool
	current                 bool
}

// ClaimStateOf returns the ClaimState of a FluxMonitoring.
func ClaimStateOf(shard labels.Selector, fm *v1alpha1.FluxMonitoring) ClaimState {
	c := claims.New(fm, nil)
	return ClaimState{
		fluxNamespace: fm.Spec.FluxNamespace(), inputs: claimInputsOf(fm, nil), held: c.Held,
		inactive: c.Inactive || NeverObserved(shard, fm), partlyRefused: claims.PartlyRefused(fm), current: c.Current,
	}
}

// Changed reports whether the change from one state to another affects other FluxMonitorings. If holding is true, it
// affects only those that hold what this one desires, because it was only confirmed.
func (s ClaimState) Changed(was ClaimState) (changed, holding bool) {
	confirmed := s.current && !was.current
	was.current = s.current
	if reflect.DeepEqual(s, was) {
		return confirmed, true
	}
	return true, false
}

// claimInputs are what decides which uses a FluxMonitoring desires of given instances.
type claimInputs struct {
	scrape, alerts              bool
	selector, namespaceSelector *metav1.LabelSelector
	namespace                   string
	namespaceLabels             map[string]string
}

func claimInputsOf(fm *v1alpha1.FluxMonitoring, namespaceLabels map[string]string) claimInputs {
	return claimInputs{
		scrape: v1alpha1.On(fm.Spec.Scrape.Enabled), alerts: v1alpha1.On(fm.Spec.Alerts.Enabled),
		selector: fm.Spec.Prometheus.Selector, namespaceSelector: fm.Spec.Prometheus.NamespaceSelector,
		namespace: fm.Namespace, namespaceLabels: namespaceLabels,
	}
}

// useCache remembers the desired uses of each FluxMonitoring, so that looking at each of many evaluates the selectors
// of each once. The zero value is empty.
type useCache struct {
	mu        sync.Mutex
	instances []selection.Instance
	known     map[string]map[types.UID]cachedUses // by the namespace of Flux
	evaluated int                                 // how often selectors were evaluated, for tests
}

type cachedUses struct {
	from claimInputs
	uses []claims.Use
}

// usesOf returns the desired uses of each FluxMonitoring of one Flux, given the labels of their namespaces. It drops
// others of that Flux.
func (w *useCache) usesOf(members []*v1alpha1.FluxMonitoring, labels []map[string]string, all []selection.Instance) [][]claims.Use {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known == nil || !reflect.DeepEqual(w.instances, all) {
		w.known, w.instances = map[string]map[types.UID]cachedUses{}, all
	}
	found, kept := make([][]claims.Use, 0, len(members)), make(map[types.UID]cachedUses, len(members))
	for i, fm := range members {
		from := claimInputsOf(fm, labels[i])
		k, is := w.known[fm.Spec.FluxNamespace()][fm.UID]
		if !is || !reflect.DeepEqual(k.from, from) {
			w.evaluated++
			k = cachedUses{from, usesOf(fm, facts.Selected(fm, all), labels[i])}
		}
		kept[fm.UID] = k
		found = append(found, k.uses)
	}
	if len(members) > 0 {
		w.known[members[0].Spec.FluxNamespace()] = kept
	}
	return found
}

// usesOf are the desired uses: of the instances whose namespace selectors match the FluxMonitoring's namespace.
func usesOf(fm *v1alpha1.FluxMonitoring, instances []selection.Instance, labels map[string]string) []claims.Use {
	var uses []claims.Use
	c := selection.Candidate{Namespace: fm.Namespace, NamespaceLabels: labels}
	for _, i := range instances {
		use := func(verb claims.Verb) {
			uses = append(uses, claims.Use{Verb: verb, Kind: i.Kind, Namespace: i.Namespace, Name: i.Name})
		}
		if v1alpha1.On(fm.Spec.Scrape.Enabled) && i.ReachesNamespace(i.PodMonitors, c) {
			use(claims.Scrape)
		}
		if v1alpha1.On(fm.Spec.Alerts.Enabled) && i.EvaluatesRules() && i.ReachesNamespace(i.Rules, c) {
			use(claims.Evaluate)
		}
	}
	return uses
}
