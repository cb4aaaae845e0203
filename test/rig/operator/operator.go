// Package operator runs the operator in the process of a test or in one of its own, and waits for the status of a FluxMonitoring.
package operator

import (
	"context"
	"fmt"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/rig"
)

// Namespace is the operator's own, unless a test sets another.
const Namespace = "fluxmonitoring-system"

// UserAgent is what requests of the operator carry in tests that tell them from their own.
const UserAgent = "go-test/operator-under-test"

// Start runs the operator until stop is called, which returns when it has ended. It trusts every namespace, unless a test trusts others.
func Start(ctx context.Context, config *rest.Config, change ...func(*controllers.Options)) (stop func() error, err error) {
	options := controllers.Options{
		MetricsAddress: "127.0.0.1:0", ProbeAddress: "0", ExporterAddress: "127.0.0.1:0", Namespace: Namespace,
		Concurrent: 4, SkipNameValidation: true, TrustedNamespaces: []string{controllers.AnyNamespace},
	}
	for _, c := range change {
		c(&options)
	}
	ctx, cancel := context.WithCancel(ctx)
	manager, err := controllers.NewManager(ctx, config, options)
	if err != nil {
		cancel()
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}

// Run runs the operator for the length of a test, or until stop is called.
func Run(t testing.TB, config *rest.Config, change ...func(*controllers.Options)) (stop func()) {
	t.Helper()
	end, err := Start(context.Background(), config, change...)
	rig.Must(t, err)
	stop = sync.OnceFunc(func() {
		if err := end(); err != nil {
			t.Error("the operator ended with:", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// Settled waits until the status is about the present generation and the conditions are as expected, each written as Type=Status/Reason.
// It reads no more than metadata until there is something new, and is more patient than others, because the operator may be a pod that
// has yet to start.
func Settled(t testing.TB, c client.Reader, fm *v1alpha1.FluxMonitoring, conditions ...string) *v1alpha1.FluxMonitoring {
	t.Helper()
	rig.Eventually(t, func(g Gomega) {
		now := &metav1.PartialObjectMetadata{}
		now.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.Kind))
		g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(fm), now)).To(Succeed())
		if now.ResourceVersion != fm.ResourceVersion {
			g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(fm), fm)).To(Succeed())
		}
		g.Expect(fm.Status.ObservedGeneration).To(Equal(fm.Generation), "the operator has not seen the last change")
		g.Expect(Conditions(fm)).To(ContainElements(conditions), "%+v", fm.Status.Conditions)
	}).WithTimeout(2 * rig.Soon).Should(Succeed())
	return fm
}

// Conditions are those of a FluxMonitoring as Type=Status/Reason.
func Conditions(fm *v1alpha1.FluxMonitoring) []string {
	var all []string
	for _, c := range fm.Status.Conditions {
		all = append(all, fmt.Sprintf("%s=%s/%s", c.Type, c.Status, c.Reason))
	}
	return all
}
