package apply

import (
	"context"
	"errors"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestCauseFollowsFromTheAPIServersError(t *testing.T) {
	resource := schema.GroupResource{Group: "monitoring.coreos.com", Resource: "podmonitors"}
	for name, c := range map[string]struct {
		err   error
		cause Cause
	}{
		"an object of somebody else's":        {errNotOwned{}, Foreign},
		"an object of another FluxMonitoring": {fmt.Errorf("creating it: %w", errOwnedByOther), Foreign},
		"a namespace that is being deleted":   {errNamespaceTerminating, Temporary},
		"forbidden":                           {apierrors.NewForbidden(resource, "flux", errors.New("no")), Forbidden},
		"unknown to the API server":           {apierrors.NewUnauthorized("who are you"), Forbidden},
		"a kind without a mapping":            {&meta.NoKindMatchError{GroupKind: schema.GroupKind{Kind: "PodMonitor"}}, Missing},
		"a kind no longer served":             {apierrors.NewNotFound(resource, "flux"), Missing},
		"a kind that cannot be patched":       {apierrors.NewMethodNotSupported(resource, "patch"), Missing},
		"an invalid object":                   {apierrors.NewInvalid(schema.GroupKind{Kind: "PodMonitor"}, "flux", nil), Rejected},
		"a bad request":                       {apierrors.NewBadRequest("what"), Rejected},
		"an object too large for the server":  {apierrors.NewRequestEntityTooLargeError("limit is 3145728"), Rejected},
		"an object too large for etcd":        {apierrors.NewInternalError(errors.New("etcdserver: request is too large")), Rejected},
		"an object too large for its client":  {apierrors.NewInternalError(errors.New("trying to send message larger than max (3 vs. 2)")), Rejected},
		"a field that the schema lacks": {
			apierrors.NewInternalError(errors.New("failed to create typed patch object (…): .spec.colour: field not declared in schema")), Rejected,
		},
		"a conflict":                     {apierrors.NewConflict(resource, "flux", errors.New("changed meanwhile")), Temporary},
		"too many requests":              {apierrors.NewTooManyRequests("later", 1), Temporary},
		"a server that is starting":      {apierrors.NewServiceUnavailable("starting"), Temporary},
		"a webhook that does not answer": {apierrors.NewInternalError(errors.New("failed calling webhook")), Temporary},
		"a time-out":                     {apierrors.NewTimeoutError("slow", 1), Temporary},
		"a broken connection":            {errors.New("connection refused"), Temporary},
		"an end of our own":              {context.Canceled, Temporary},
		"wrapped, whatever it is":        {fmt.Errorf("looking whether it exists: %w", apierrors.NewForbidden(resource, "flux", errors.New("no"))), Forbidden},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(causeOf(c.err)).To(Equal(c.cause))
			g.Expect(IsExplained(c.err)).To(Equal(c.cause == Foreign || errors.Is(c.err, errNamespaceTerminating)))
		})
	}
}

func TestAFailureNamesTheObject(t *testing.T) {
	g := NewWithT(t)
	f := &Failure{Change: Change{Kind: podMonitors, Name: "flux"}, Cause: Foreign, Err: errNotOwned{managers: []string{"helm", "kubectl"}}}
	g.Expect(f.Error()).To(Equal("PodMonitor flux: it exists and is managed by helm, kubectl: delete it, or set spec.adoptionPolicy to Adopt"))
	var foreign errNotOwned
	g.Expect(errors.As(f, &foreign)).To(BeTrue())
}

func TestOnlyWhatMayPassIsTriedAgain(t *testing.T) {
	g := NewWithT(t)
	lasting := &Failure{Change: Change{Kind: podMonitors, Name: "flux"}, Cause: Forbidden, Err: errors.New("no")}
	passing := &Failure{Change: Change{Kind: configMaps, Name: "flux"}, Cause: Temporary, Err: errors.New("later")}
	g.Expect(TemporaryErrors(nil)).To(Succeed())
	g.Expect(TemporaryErrors([]*Failure{lasting})).To(Succeed())
	g.Expect(TemporaryErrors([]*Failure{lasting, passing})).To(MatchError("ConfigMap flux: later"))
}

func TestAFailureOfOneObjectHasAtMost120Characters(t *testing.T) {
	change := Change{Kind: rules, Name: "flux"}
	for _, err := range []error{
		errNotOwned{}, errNotOwned{[]string{"kustomize-controller"}}, errContested{}, errContested{[]string{"kubectl-edit"}},
		errOwnedByOther, errNamespaceTerminating,
	} {
		message := (&Failure{Change: change, Err: err}).Error()
		NewWithT(t).Expect(len(message)).To(BeNumerically("<=", 120), message)
	}
}
