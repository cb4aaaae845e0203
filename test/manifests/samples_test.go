package manifests_test

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestTheSamplesAreValidAndHoldNoUnknownField(t *testing.T) {
	must(t, cluster.Apply(t.Context(), admin, monitoringStack()...))
	strict := client.WithFieldValidation(client.NewDryRunClient(admin), client.FieldValidation("Strict"))
	for _, name := range []string{"fluxmonitoring_minimal.yaml", "fluxmonitoring_full.yaml"} {
		t.Run(name, func(t *testing.T) {
			for _, o := range sample(t, name) {
				o.SetGenerateName(o.GetName() + "-") // so that it does not matter what the other tests have created
				o.SetName("")
				if err := strict.Create(t.Context(), o); err != nil {
					t.Errorf("%s: %v", o.GetKind(), err)
				}
			}
		})
	}
}
