package rules

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/test/rig"
)

func TestEveryFileOfCasesAndRunbookHasAnAlert(t *testing.T) {
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

// getOrDescribe finds the resources of a command, and core are those that no other API group has.
var (
	getOrDescribe = regexp.MustCompile(`kubectl (?:-n \S+(?: of [a-zA-Z ]+>)? )?(?:get|describe) ([a-z][a-z.,<>-]*)`)
	core          = []string{"configmaps", "deployments", "events", "mutatingwebhookconfigurations", "nodes", "pods", "validatingwebhookconfigurations"}
)

func TestEveryAlertHasARunbook(t *testing.T) {
	for _, name := range alerts.Names() {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			text := rig.Read(t, filepath.Join(repository, "docs", "runbooks", name+".md"))
			g.Expect(text).To(HavePrefix("# " + name + "\n"))
			last := 0
			for _, heading := range []string{"\n## Meaning\n", "\n## Impact\n", "\n## Diagnosis\n", "\n## Mitigation\n"} {
				at := strings.Index(text, heading)
				g.Expect(at).To(BeNumerically(">", last), "%q is missing or out of order", heading)
				last = at
			}
			g.Expect(text).To(MatchRegexp("(?m)^(kubectl|flux) "), "no command to run")
			g.Expect(text).NotTo(MatchRegexp(`-n (flux-system|fluxmonitoring-system|monitoring)\b`), "the namespace is that of a label of the alert")
			for line := range strings.Lines(text) {
				for _, found := range getOrDescribe.FindAllStringSubmatch(line, -1) {
					for resource := range strings.SplitSeq(found[1], ",") {
						g.Expect(resource).To(Or(ContainSubstring("."), BeElementOf(core)), "another API group can have that kind too: %s", line)
					}
				}
			}
		})
	}
}
