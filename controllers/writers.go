package controllers

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// Writers gives the client that writes the generated objects of a FluxMonitoring: the operator's own, or one that
// impersonates the ServiceAccount it names, in its own namespace only.
type Writers struct {
	// Own client of the operator.
	Own client.Client
	// Config to connect with, for impersonation.
	Config *rest.Config
	// Mapper and Scheme of the manager.
	Mapper meta.RESTMapper
	Scheme *runtime.Scheme
	// DefaultServiceAccount is impersonated where a FluxMonitoring names none; empty for the operator's own account.
	DefaultServiceAccount string
	// Trusted are the namespaces in which the operator writes as itself for a FluxMonitoring that names no ServiceAccount: whoever may
	// create one there gets what the operator may write. AnyNamespace among them stands for all.
	Trusted Trusted
}

// AnyNamespace among the trusted namespaces stands for every namespace.
const AnyNamespace = "*"

// Trusted are the names of namespaces in which only people create objects whom the administrator trusts. AnyNamespace may be among them.
type Trusted []string

// Has reports whether a namespace is trusted.
func (t Trusted) Has(namespace string) bool {
	return slices.Contains(t, namespace) || slices.Contains(t, AnyNamespace)
}

// Named are those that are trusted by name.
func (t Trusted) Named() []string {
	return slices.DeleteFunc(slices.Clone(t), func(name string) bool { return name == AnyNamespace || name == "" })
}

// byName reports whether a namespace is trusted by name.
func (t Trusted) byName(namespace string) bool { return slices.Contains(t.Named(), namespace) }

// account is the ServiceAccount to impersonate for a FluxMonitoring; empty for the operator's own.
func (w *Writers) account(fm *v1alpha1.FluxMonitoring) string {
	return cmp.Or(fm.Spec.ServiceAccountName, w.DefaultServiceAccount)
}

// refusal is why nothing is written for a FluxMonitoring: it names no ServiceAccount in a namespace that is not trusted; empty where it may be.
func (w *Writers) refusal(fm *v1alpha1.FluxMonitoring) string {
	if w.account(fm) != "" || w.Trusted.Has(fm.Namespace) {
		return ""
	}
	return fmt.Sprintf("The operator does not write with its own permissions in namespace %s. Set spec.serviceAccountName to a ServiceAccount of "+
		"namespace %s, or ask the administrator to add the namespace to the operator's --trusted-namespaces.", fm.Namespace, fm.Namespace)
}

// For returns the writer for a FluxMonitoring.
func (w *Writers) For(fm *v1alpha1.FluxMonitoring) (client.Client, error) {
	return w.As(fm.Namespace, w.account(fm))
}

// As returns the client of a ServiceAccount; the operator's own if the name is empty.
func (w *Writers) As(namespace, account string) (client.Client, error) {
	if account == "" {
		return w.Own, nil
	}
	config := rest.CopyConfig(w.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "system:serviceaccount:" + namespace + ":" + account}
	impersonating, err := client.New(config, client.Options{Scheme: w.Scheme, Mapper: w.Mapper})
	if err != nil {
		return nil, fmt.Errorf("impersonating ServiceAccount %s: %w", account, err)
	}
	return impersonating, nil
}
