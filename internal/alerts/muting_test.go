package alerts

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/golden"
)

func TestMutingInEveryRunbookIsThatOfTheInhibitions(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			path := filepath.Join("..", "..", "docs", "runbooks", name+".md")
			written, err := os.ReadFile(path)
			g.Expect(err).NotTo(HaveOccurred())
			own, _, _ := strings.Cut(string(written), "\n## Muting\n")
			whole := strings.TrimRight(own, "\n") + "\n\n" + Muting(name)
			golden.File(t, path, whole)
			g.Expect(own).NotTo(MatchRegexp(`(?i)\bmutes? (it|nothing)\b|\bare muted\b`), "it is said once, below")
		})
	}
}

func TestMutingSaysWhoMutesWhomFromBothSides(t *testing.T) {
	for name, want := range map[string]string{
		"FluxSourceBlocksDependents": "- It is muted by `FluxManyResourcesNotReady` in the same cluster.\n" +
			"- It is muted by `FluxControllerDown` of the controller that reconciles the object.\n" +
			"- It is muted by `FluxControllerDown` of source-controller.\n" +
			"- It mutes `ReconciliationFailure` and `FluxSourceNotReady` of the objects that depend on the source.\n" +
			"- It mutes `FluxResourceStalled`, `FluxResourceFlapping` and `FluxSourceNotReady` of the same object.\n" +
			"- It does not fire for what `FluxBootstrapNotReady` fires for.\n",
		"FluxMonitoringNotReady": "- No alert mutes it.\n- It mutes no alert.\n",
	} {
		said := strings.Split(strings.TrimPrefix(Muting(name), mutingIntroduction), "\n")
		expected := strings.Split(want, "\n")
		slices.Sort(said)
		slices.Sort(expected)
		NewWithT(t).Expect(said).To(Equal(expected), name)
	}
}

// Every pair of the inhibitions is said by the runbook of each of the two.
func TestMutingLeavesNoInhibitionOut(t *testing.T) {
	g := NewWithT(t)
	for _, i := range Inhibitions() {
		for _, source := range alertsOf(i.Source) {
			for _, target := range alertsOf(i.Target) {
				g.Expect(Muting(target)).To(MatchRegexp("muted by .*`" + source + "`"))
				g.Expect(Muting(source)).To(MatchRegexp("It mutes .*`" + target + "`"))
			}
		}
	}
}
