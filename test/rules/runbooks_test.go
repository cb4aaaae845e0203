package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/alerts"
)

func TestThereIsNoCaseAndNoRunbookOfAnUnknownAlert(t *testing.T) {
	for directory, extension := range map[string]string{"cases": ".yaml", filepath.Join(repository, "docs", "runbooks"): ".md"} {
		g := NewWithT(t)
		files, err := filepath.Glob(filepath.Join(directory, "*"+extension))
		g.Expect(err).NotTo(HaveOccurred())
		var names []string
		for _, f := range files {
			if name := strings.TrimSuffix(filepath.Base(f), extension); name != "README" {
				names = append(names, name)
			}
		}
		g.Expect(names).To(Equal(alerts.Names()), directory)
	}
}

func TestEveryAlertHasARunbook(t *testing.T) {
	for _, name := range alerts.Names() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			written, err := os.ReadFile(filepath.Join(repository, "docs", "runbooks", name+".md"))
			g.Expect(err).NotTo(HaveOccurred())
			text := string(written)
			g.Expect(text).To(HavePrefix("# " + name + "\n"))
			last := 0
			for _, heading := range []string{"\n## Meaning\n", "\n## Impact\n", "\n## Diagnosis\n", "\n## Mitigation\n"} {
				at := strings.Index(text, heading)
				g.Expect(at).To(BeNumerically(">", last), "%q is missing or out of order", heading)
				last = at
			}
			g.Expect(text).To(MatchRegexp("(?m)^(kubectl|flux) "), "no command to run")
		})
	}
}
