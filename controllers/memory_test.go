package controllers_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/fluxmonitoring/operator/controllers"
)

func TestMemoryIsReturnedBeforeAndAfterLeadingAndThenAgainAndAgain(t *testing.T) {
	p := shared.in(t)
	now := metav1.NowMicro()
	lease := &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: controllers.LeaderElectionID},
		Spec: coordinationv1.LeaseSpec{
			HolderIdentity: new("another"), LeaseDurationSeconds: new(int32(3600)), AcquireTime: &now, RenewTime: &now,
		},
	}
	p.must(p.Create(t.Context(), lease))
	manager, err := ctrl.NewManager(shared.plane.Config, ctrl.Options{
		Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		LeaderElection: true, LeaderElectionID: controllers.LeaderElectionID, LeaderElectionNamespace: p.namespace,
		LeaderElectionReleaseOnCancel: true,
	})
	p.must(err)
	returned := make(chan bool, 100)
	p.Expect(controllers.ReturnMemory(manager, time.Millisecond, time.Second, func() {
		select {
		case <-manager.Elected():
			returned <- true
		default:
			returned <- false
		}
	})).To(Succeed())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	p.Eventually(returned).Should(Receive(BeFalse()), "it waits to lead")

	released := client.MergeFrom(lease.DeepCopy())
	lease.Spec.HolderIdentity = nil
	p.must(p.Patch(t.Context(), lease, released))
	for range 3 {
		p.Eventually(returned).Should(Receive(BeTrue()), "it leads")
	}
	stop()
	p.Expect(<-ended).To(Succeed())
}
