package controllers

import (
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/status"
)

// verify has Prometheus and Alertmanager asked about what is applied. While a run fails, or the spec cannot be carried out, what was asked before is
// asked on.
func (r *FluxMonitoringReconciler) verify(fm *v1alpha1.FluxMonitoring, o *reconcileResult) {
	key := client.ObjectKeyFromObject(fm)
	switch {
	case fm.Spec.Suspend || o.Terminating || o.Facts.Claim.Lost() || o.Replaced:
		r.Verifier.Forget(key)
		return
	case o.Err != nil || o.Blocked():
		return
	}
	question := pipeline.Question(fm, o.Facts, status.Applied(&o.Run))
	if len(question.Prometheuses) == 0 {
		r.Verifier.Forget(key)
		return
	}
	question.Account = r.Writers.account(fm)
	r.Verifier.Follow(key, question, status.Known(fm))
}
