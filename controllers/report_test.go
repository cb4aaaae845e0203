package controllers

import (
	"context"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/apply"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/status"
)

func TestEventsAreRecordedOnceIfTheStatusWriteFails(t *testing.T) {
	g := NewWithT(t)
	failure, recorder := errors.New("no answer"), events.NewFakeRecorder(20)
	statusWrites := interceptor.Funcs{
		SubResourcePatch: func(context.Context, client.Client, string, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
			return failure
		},
	}
	r := &FluxMonitoringReconciler{Client: fake.NewClientBuilder().WithInterceptorFuncs(statusWrites).Build(), Events: recorder}
	recorded := func() []string {
		var all []string
		for len(recorder.Events) > 0 {
			all = append(all, <-recorder.Events)
		}
		return all
	}
	changed := &reconcileResult{Run: status.Run{Changes: []apply.Change{
		{Action: apply.Created, Kind: kinds.ConfigMap, Name: "a"}, {Action: apply.Unchanged, Kind: kinds.ConfigMap, Name: "b"},
		{Action: apply.Gone, Kind: kinds.ConfigMap, Name: "c"},
	}}}
	g.Expect(r.report(t.Context(), &v1alpha1.FluxMonitoring{}, changed)).NotTo(Succeed())
	g.Expect(recorded()).To(Equal([]string{"Normal Created ConfigMap/a created"}))

	failure = nil
	g.Expect(r.report(t.Context(), &v1alpha1.FluxMonitoring{}, &reconcileResult{})).To(Succeed())
	g.Expect(recorded()).To(ContainElements(HavePrefix("Warning FluxNotFound"), Equal("Warning FluxNotFound Flux is not found, see Ready")))
	g.Expect(recorded()).To(BeEmpty())
}
