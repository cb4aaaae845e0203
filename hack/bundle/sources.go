package main

import (
	"errors"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// sources are the objects of config/manifests, by what becomes of them.
type sources struct {
	base        *ClusterServiceVersion
	namespace   *unstructured.Unstructured
	scorecard   *unstructured.Unstructured
	manifests   []*unstructured.Unstructured // OLM creates them as they are
	deployments []*unstructured.Unstructured
	examples    []*unstructured.Unstructured
	accounts    []string
	roles       map[roleKey][]rbacv1.PolicyRule
	bindings    []binding
}

// roleKey is the kind and name of a Role or ClusterRole.
type roleKey struct{ kind, name string }

// binding gives accounts a role: everywhere, or in the operator's namespace.
type binding struct {
	everywhere bool
	role       rbacv1.RoleRef
	accounts   []rbacv1.Subject
}

// gives says whether the binding is for an account.
func (b binding) gives(account string) bool {
	return slices.ContainsFunc(b.accounts, func(to rbacv1.Subject) bool { return to.Kind == "ServiceAccount" && to.Name == account })
}

// admitted are the kinds beside definitions and roles that OLM creates and that every catalog lets into a bundle. A NetworkPolicy is
// none: a pipeline refuses it. What belongs to prometheus-operator is none either: without its APIs the installation would hang.
var admitted = []string{"ConfigMap", "PodDisruptionBudget", "PriorityClass", "Service"}

// sort sorts the objects by what becomes of them. An object that has no place in a bundle is an error: what is left out is left out on purpose, in
// config/manifests.
func sort(objects []*unstructured.Unstructured) (*sources, error) {
	s := &sources{roles: map[roleKey][]rbacv1.PolicyRule{}}
	for _, o := range objects {
		if err := s.take(o); err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
		}
	}
	if s.base == nil || s.namespace == nil || s.scorecard == nil || len(s.deployments) == 0 {
		return nil, errors.New("config/manifests must hold a ClusterServiceVersion, a Namespace, a scorecard Configuration and a Deployment")
	}
	s.addUnbound(objects)
	return s, nil
}

func (s *sources) take(o *unstructured.Unstructured) error {
	switch o.GetKind() {
	case "ClusterServiceVersion":
		return s.takeBase(o)
	case "Namespace":
		s.namespace = o
	case "Configuration":
		s.scorecard = o
	case "Deployment":
		s.deployments = append(s.deployments, o)
	case "ServiceAccount":
		s.accounts = append(s.accounts, o.GetName())
	case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding":
		return s.takeAccess(o)
	default:
		return s.takeManifest(o)
	}
	return nil
}

func (s *sources) takeBase(o *unstructured.Unstructured) error {
	text, err := yaml.Marshal(o.Object)
	if err != nil {
		return err
	}
	s.base = &ClusterServiceVersion{}
	return yaml.UnmarshalStrict(text, s.base)
}

// takeAccess remembers roles and bindings. They become permissions in the ClusterServiceVersion, and OLM makes its own of them.
func (s *sources) takeAccess(o *unstructured.Unstructured) error {
	convert := runtime.DefaultUnstructuredConverter.FromUnstructured
	if o.GetKind() == "Role" || o.GetKind() == "ClusterRole" {
		var role rbacv1.ClusterRole
		if err := convert(o.Object, &role); err != nil {
			return err
		}
		s.roles[roleKey{o.GetKind(), o.GetName()}] = role.Rules
		return nil
	}
	var bound rbacv1.ClusterRoleBinding
	if err := convert(o.Object, &bound); err != nil {
		return err
	}
	s.bindings = append(s.bindings, binding{o.GetKind() == "ClusterRoleBinding", bound.RoleRef, bound.Subjects})
	return nil
}

// takeManifest takes what OLM creates as it is, in the namespace of its choice, and examples of what the bundle defines.
func (s *sources) takeManifest(o *unstructured.Unstructured) error {
	switch {
	case o.GetKind() == "CustomResourceDefinition", slices.Contains(admitted, o.GetKind()):
		o.SetNamespace("")
		s.manifests = append(s.manifests, o)
	case o.GroupVersionKind().Group == "fluxmonitoring.dev":
		s.examples = append(s.examples, o)
	default:
		return errors.New("has no place in a bundle: leave it out in config/manifests/kustomization.yaml")
	}
	return nil
}

// addUnbound adds the ClusterRoles that are bound to nobody: people are given them.
func (s *sources) addUnbound(objects []*unstructured.Unstructured) {
	for _, o := range objects {
		of := func(b binding) bool { return b.role.Kind == o.GetKind() && b.role.Name == o.GetName() }
		if o.GetKind() == "ClusterRole" && !slices.ContainsFunc(s.bindings, of) {
			s.manifests = append(s.manifests, o)
		}
	}
}

// install are the Deployments as the ClusterServiceVersion has them.
func (s *sources) install() ([]Deployment, error) {
	var all []Deployment
	for _, o := range s.deployments {
		d := Deployment{Name: o.GetName(), Label: o.GetLabels()}
		spec, _, err := unstructured.NestedMap(o.Object, "spec")
		if err != nil {
			return nil, err
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(spec, &d.Spec, true); err != nil {
			return nil, fmt.Errorf("Deployment %s: %w", d.Name, err) //nolint:staticcheck // the name of a kind
		}
		all = append(all, d)
	}
	return all, nil
}

// permissions are the rules of each account's roles, in the operator's namespace and everywhere. They are neither less nor more than
// what the bindings give.
func (s *sources) permissions() (own, everywhere []Permissions, err error) {
	for _, b := range s.bindings {
		if _, known := s.roles[roleKey{b.role.Kind, b.role.Name}]; !known {
			return nil, nil, fmt.Errorf("%s %s is bound and not there", b.role.Kind, b.role.Name)
		}
		if !slices.ContainsFunc(s.accounts, b.gives) {
			return nil, nil, fmt.Errorf("%s %s is bound to nobody that OLM creates", b.role.Kind, b.role.Name)
		}
	}
	for _, account := range s.accounts {
		own = appendRules(own, account, s.rules(account, false))
		everywhere = appendRules(everywhere, account, s.rules(account, true))
	}
	return own, everywhere, nil
}

// rules that bindings of one reach give an account.
func (s *sources) rules(account string, everywhere bool) []rbacv1.PolicyRule {
	var all []rbacv1.PolicyRule
	for _, b := range s.bindings {
		if b.everywhere == everywhere && b.gives(account) {
			all = append(all, s.roles[roleKey{b.role.Kind, b.role.Name}]...)
		}
	}
	return all
}

func appendRules(to []Permissions, account string, rules []rbacv1.PolicyRule) []Permissions {
	if len(rules) == 0 {
		return to
	}
	return append(to, Permissions{ServiceAccountName: account, Rules: rules})
}
