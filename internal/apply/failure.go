package apply

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Cause is why a change failed.
type Cause string

const (
	// Foreign means that an object of that name exists and the owner does not own it.
	Foreign Cause = "Foreign"
	// Forbidden means that the API server denies the request.
	Forbidden Cause = "Forbidden"
	// Rejected means that the API server finds the object invalid or too large. A retry cannot help.
	Rejected Cause = "Rejected"
	// Contested means that somebody else keeps changing the object, so that restoring it is delayed.
	Contested Cause = "Contested"
	// Missing means that the API server does not serve the kind.
	Missing Cause = "Missing"
	// Temporary means anything else. A retry can help.
	Temporary Cause = "Temporary"
)

// Failure of a change.
type Failure struct {
	// Change that failed.
	Change Change
	// Cause of it.
	Cause Cause
	// Err that says more.
	Err error
}

// Error names the object and the reason.
func (f *Failure) Error() string {
	return fmt.Sprintf("%s %s: %s", f.Change.Kind.Kind, f.Change.Name, f.Err)
}

// Unwrap returns the underlying error.
func (f *Failure) Unwrap() error { return f.Err }

// errNotOwned is that an object exists and does not belong to the owner.
type errNotOwned struct {
	// managers are some of the managers of its fields; none if they are not known.
	managers []string
}

// Error names the managers, so that the reader knows whom to ask.
func (e errNotOwned) Error() string {
	by := strings.Join(e.managers, ", ")
	if by == "" {
		by = "somebody else"
	}
	return "it exists and is managed by " + by + ": delete it, or set spec.adoptionPolicy to Adopt"
}

// foreign is the error about an object that exists, with its first few managers.
func foreign(existing *metav1.PartialObjectMetadata) errNotOwned {
	var managers []string
	for _, e := range existing.ManagedFields {
		if e.Manager != "" && e.Subresource == "" && !slices.Contains(managers, e.Manager) && len(managers) < maxManagers {
			managers = append(managers, e.Manager)
		}
	}
	return errNotOwned{managers}
}

var errNamespaceTerminating = errors.New("its namespace is being deleted: " +
	"create the FluxMonitoring in another namespace")

var errOwnedByOther = errors.New("it exists and belongs to another FluxMonitoring: rename one of the two")

// causeOf classifies an error of the API server.
func causeOf(err error) Cause {
	var foreign errNotOwned
	switch {
	case errors.As(err, &foreign), errors.Is(err, errOwnedByOther):
		return Foreign
	case errors.Is(err, errNamespaceTerminating):
		return Temporary
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return Forbidden
	case meta.IsNoMatchError(err), apierrors.IsNotFound(err), apierrors.IsMethodNotSupported(err):
		return Missing
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), isTooLarge(err), IsOutsideSchema(err):
		return Rejected
	}
	return Temporary
}

// explain replaces errors of the API server that mislead: it forbids to create objects in a terminating namespace,
// which no permission fixes.
func explain(err error) error {
	if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return errNamespaceTerminating
	}
	return err
}

// isTooLarge also recognises etcd's refusal, which the API server returns as an internal error.
func isTooLarge(err error) bool {
	return apierrors.IsRequestEntityTooLargeError(err) || strings.Contains(err.Error(), "etcdserver: request is too large") ||
		strings.Contains(err.Error(), "trying to send message larger than max")
}

// IsOutsideSchema recognises server-side apply's error about a field that the schema does not have, which is an
// internal error too.
func IsOutsideSchema(err error) bool {
	return strings.Contains(err.Error(), "failed to create typed patch object")
}

// IsExplained reports whether an error is one of this package's own messages.
func IsExplained(err error) bool {
	var contested errContested
	var foreign errNotOwned
	return errors.As(err, &foreign) || errors.Is(err, errOwnedByOther) || errors.Is(err, errNamespaceTerminating) || errors.As(err, &contested)
}
