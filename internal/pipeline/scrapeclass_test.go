package pipeline

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestAPodMonitorWhoseScrapeClassAPrometheusLacksIsNotTakenUp(t *testing.T) {
	g := NewWithT(t)
	i, monitor := selection.Instance{}, selection.Candidate{ScrapeClass: "token"}
	g.Expect(lacksScrapeClass(i, monitor)).To(Equal([]selection.Issue{{
		Reason: "ScrapeClassMissing", Field: "spec.scrapeClasses",
		Message: "spec.scrapeClasses has no class token, which the PodMonitor names: add it, or correct spec.patches",
	}}))
	i.Classes = []selection.ScrapeClass{{Name: "token"}}
	g.Expect(lacksScrapeClass(i, monitor)).To(BeEmpty())
	g.Expect(lacksScrapeClass(i, selection.Candidate{})).To(BeEmpty())
}
