package desired

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// Each folder of testdata is a case: given.yaml, and what is wanted then.
func TestObjectsAreAsTheGoldenFilesHaveThem(t *testing.T) {
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

// Mimir and Grafana Cloud refuse a larger group, as they are set up. What a user adds is the user's.
func TestNoGroupThatIsGeneratedHasMoreThanTwentyRules(t *testing.T) {
	files, err := filepath.Glob("testdata/*/given.yaml")
	must(t, err)
	checked := 0
	for _, file := range files {
		fm, facts, _ := read(t, file)
		groups, err := ruleGroups(fm, facts)
		must(t, err)
		for _, group := range groups[:len(groups)-min(len(groups), len(fm.Spec.Alerts.AdditionalGroups))] {
			NewWithT(t).Expect(len(group.Rules)).To(BeNumerically("<=", 20), "%s of %s", group.Name, file)
			checked++
		}
	}
	NewWithT(t).Expect(checked).To(BeNumerically(">", 50), "the files have groups")
}
