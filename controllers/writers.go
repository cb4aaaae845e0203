package controllers

import (
	"fmt"

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
}

// For returns the writer for a FluxMonitoring.
func (w *Writers) For(fm *v1alpha1.FluxMonitoring) (client.Client, error) {
	account := fm.Spec.ServiceAccountName
	if account == "" {
		account = w.DefaultServiceAccount
	}
	if account == "" {
		return w.Own, nil
	}
	config := rest.CopyConfig(w.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "system:serviceaccount:" + fm.Namespace + ":" + account}
	impersonating, err := client.New(config, client.Options{Scheme: w.Scheme, Mapper: w.Mapper})
	if err != nil {
		return nil, fmt.Errorf("impersonating ServiceAccount %s: %w", account, err)
	}
	return impersonating, nil
}
