package facts

import (
	helmv2 "github.com/fluxcd/helm-controller/api/v2"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Stack is what is known about the stack of spec.stack, and about stacks that others have installed.
type Stack struct {
	// Allowed: the operator's flag --stack-namespaces names the namespace of the FluxMonitoring.
	Allowed bool
	// Release is what helm-controller reports about the HelmRelease of spec.stack; nil if it does not exist, or is not read. Shared: do not
	// change it.
	Release *StackRelease
	// Parts are the programs of the stack, in the order from prometheus-operator to Grafana. What the values turn off is not among them.
	Parts []StackPart
	// Others are the stacks that somebody else has installed, sorted by kind, namespace and name.
	Others []StackObject
}

// StackNamespaces are the namespaces in which an operator allows spec.stack without a ServiceAccount, as long as its flag says nothing else.
func StackNamespaces(operator string) []string {
	return []string{operator, v1alpha1.DefaultFluxNamespace}
}

// StackRelease is what helm-controller reports about a HelmRelease.
type StackRelease struct {
	// Generation of the object. The report is about the generation Status.ObservedGeneration.
	Generation int64
	// Suspended: helm-controller does nothing with it.
	Suspended bool
	// Status, without what changes at each report.
	Status helmv2.HelmReleaseStatus
}

// StackObject is an object that shows that somebody else has installed a stack.
type StackObject struct {
	Kind, Namespace, Name string
}

// StackPart is a program of the stack: a Deployment, or an object that prometheus-operator runs.
type StackPart struct {
	Kind, Name string
	// Available: enough of its pods are ready. It is false for one that does not exist.
	Available bool
}

// OccupiedBy is the stack of somebody else because of which the operator installs none; nil if it may install one. A stack that the operator
// has installed stays, whatever others install.
func (s Stack) OccupiedBy() *StackObject {
	if s.Release != nil || len(s.Others) == 0 {
		return nil
	}
	return &s.Others[0]
}
