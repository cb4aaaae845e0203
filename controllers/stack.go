package controllers

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/desired"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/mark"
	"github.com/fluxmonitoring/operator/internal/stack"
)

// passwordBytes of randomness give a password of 32 characters.
const passwordBytes = 24

// createAdminSecret creates the Secret for Grafana's administrator if the run installs a stack with a Grafana. An existing one stays as it is:
// Grafana's database keeps the first password. The operator cannot read Secrets, so it tries in every run that has something to do. It is not
// in the inventory, because it is neither compared nor pruned.
func createAdminSecret(
	ctx context.Context, writer client.Client, fm *v1alpha1.FluxMonitoring, appliable []*unstructured.Unstructured,
) []*apply.Failure {
	secret := desired.AdminSecret(fm)
	installs := func(o *unstructured.Unstructured) bool { return o.GroupVersionKind() == kinds.HelmRelease }
	if secret == nil || !slices.ContainsFunc(appliable, installs) {
		return nil
	}
	password := make([]byte, passwordBytes)
	_, _ = rand.Read(password) // never fails: it would end the process
	secret.Object["stringData"] = map[string]any{
		stack.AdminUserKey: "admin", stack.AdminPasswordKey: base64.RawURLEncoding.EncodeToString(password),
	}
	err := writer.Create(ctx, secret, client.FieldOwner(mark.FieldManager))
	if err == nil || apierrors.IsAlreadyExists(err) {
		return nil
	}
	failed := kinds.Metadata(secret.GroupVersionKind())
	failed.Name = secret.GetName()
	return []*apply.Failure{apply.FailureOf(failed, err)}
}
