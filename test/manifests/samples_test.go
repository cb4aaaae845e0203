package manifests_test

import (
	"io/fs"
	"os"
	"path"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestSamplesAreValid(t *testing.T) {
	must(t, cluster.Apply(t.Context(), admin, monitoringStack(t)...))
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

// Go embeds files of the folder of the package only, and the commands validate a FluxMonitoring with the definition.
func TestTheFolderOfManifestsHasOneGoFile(t *testing.T) {
	must(t, fs.WalkDir(os.DirFS(config), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && name != "crd/crd.go" {
			NewWithT(t).Expect(path.Ext(name)).To(BeElementOf(".yaml", ".svg"), name)
		}
		return err
	}))
}
