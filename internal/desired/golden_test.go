package desired

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// Each folder of testdata is a case: given.yaml, and in then.yaml the objects that are desired.
func TestObjectsMatchTheGoldenFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*/given.yaml")
	must(t, err)
	NewWithT(t).Expect(len(files)).To(BeNumerically(">", 9))
	for _, file := range files {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			fm, facts, whole := read(t, file)
			objects, err := Objects(fm, facts)
			must(t, err)
			var documents []any
			for _, o := range objects {
				documents = append(documents, brief(o, whole))
			}
			judged := map[string]any{
				"ineffective": pipeline.Ineffective(fm, facts), "prometheuses": pipeline.Prometheuses(fm, facts, objects),
			}
			if pipeline.Notifies(fm) && len(facts.Alertmanagers) > 0 {
				judged["routed"] = pipeline.RoutingOf(fm, facts, objects)
			}
			documents = append(documents, judged)
			expectGolden(t, filepath.Join(folder, "then.yaml"), documents)
		})
	}
}
