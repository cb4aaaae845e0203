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

func TestMemoryIsReturnedByTheReplicaThatWaitsAndAgainOnceItLeads(t *testing.T) {
	g := NewWithT(t)
	c := shared.in(t)
	another, hour, now := "another", int32(3600), metav1.NowMicro()
	lease := &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: controllers.LeaderElectionID},
		Spec: coordinationv1.LeaseSpec{
			HolderIdentity: &another, LeaseDurationSeconds: &hour, AcquireTime: &now, RenewTime: &now,
		},
	}
	leases, err := client.New(shared.plane.Config, client.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(leases.Create(t.Context(), lease)).To(Succeed())
	manager, err := ctrl.NewManager(shared.plane.Config, ctrl.Options{
		Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		LeaderElection: true, LeaderElectionID: controllers.LeaderElectionID, LeaderElectionNamespace: c.namespace,
		LeaderElectionReleaseOnCancel: true,
	})
	g.Expect(err).NotTo(HaveOccurred())
	returned := make(chan bool, 2)
	g.Expect(controllers.ReturnMemory(manager, time.Millisecond, func() {
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
	g.Eventually(returned, time.Minute).Should(Receive(BeFalse()), "it waits to lead")

	released := client.MergeFrom(lease.DeepCopy())
	lease.Spec.HolderIdentity = nil
	g.Expect(leases.Patch(t.Context(), lease, released)).To(Succeed())
	g.Eventually(returned, time.Minute).Should(Receive(BeTrue()), "it leads")
	stop()
	g.Expect(<-ended).To(Succeed())
}
