package manifests_test

import (
	"io/fs"
	"os"
	"path"
	"testing"

	. "github.com/onsi/gomega"
)

// Go reads files into a program from the folder of the package alone, and the commands hold a FluxMonitoring against the definition.
func TestTheManifestsHaveNoCodeBesideThemButTheEmbeddingOfTheDefinition(t *testing.T) {
	must(t, fs.WalkDir(os.DirFS(config), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && name != "crd/crd.go" {
			NewWithT(t).Expect(path.Ext(name)).To(BeElementOf(".yaml", ".svg"), name)
		}
		return err
	}))
}
