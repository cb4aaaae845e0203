package alerts

import (
	"os"
	"path/filepath"
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
			own, _, _ := strings.Cut(string(written), "\n## Inhibition\n")
			whole := strings.TrimRight(own, "\n") + "\n\n" + Muting(name)
			golden.File(t, path, whole)
			g.Expect(own).NotTo(MatchRegexp(`(?i)\bmutes? (it|nothing)\b|\bare muted\b`), "it is written once, below")
		})
	}
}

// The runbooks of both alerts have each pair of the inhibitions.
func TestMutingLeavesNoInhibitionOut(t *testing.T) {
	g := NewWithT(t)
	for _, i := range Inhibitions() {
		for _, source := range alertsOf(i.Source) {
			for _, target := range alertsOf(i.Target) {
				g.Expect(Muting(target)).To(MatchRegexp("inhibited by .*`" + source + "`"))
				g.Expect(Muting(source)).To(MatchRegexp("It inhibits .*`" + target + "`"))
			}
		}
	}
}
