package controllers_test

import (
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

func TestARestartCompletesWhatACrashInterrupted(t *testing.T) {
	p := inVacantCluster(t).withFlux().withPrometheus()
	stop := p.operator(t)
	fm := p.settled(p.create(), ready)
	stop()

	// As a crash between the writes of objects and of the status leaves it: one object not yet there, one applied that
	// the status does not know, and since then the spec desires fewer.
	p.must(p.Delete(t.Context(), p.get("PodMonitor", "flux")))
	before := fm.DeepCopy()
	fm.Status = v1alpha1.FluxMonitoringStatus{}
	p.must(p.Client.Status().Patch(t.Context(), fm, client.MergeFrom(before)))
	p.change(fm, onlyScraped)

	p.operator(t)
	p.settled(fm, ready)
	p.Expect(p.generated()).To(ConsistOf(monitors))
}

func TestTheOperatorSurvivesARestartOfTheAPIServer(t *testing.T) {
	p, fm := inOwnCluster(t).monitored()

	p.must(p.plane.RestartAPIServer(t.Context()))
	p.settled(fm, ready)
	p.must(p.Delete(t.Context(), p.get("PodMonitor", "flux")))
	p.eventually("drift is still seen", func() bool { return p.get("PodMonitor", "flux") != nil })
	p.change(fm, onlyScraped)
	p.settled(fm, ready)
	p.Expect(p.generated()).To(ConsistOf(monitors))
}
