package main

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// ofTheCommandLine are packages that only kubectl-fluxmon needs. They cost the operator memory as soon as they are linked in.
var ofTheCommandLine = regexp.MustCompile(`^(github\.com/spf13/cobra|k8s\.io/cli-runtime|k8s\.io/apiserver|` +
	`k8s\.io/apiextensions-apiserver/pkg/apiserver|github\.com/google/cel-go|github\.com/fluxmonitoring/operator/internal/(cli|admission))(/|$)`)

func TestTheOperatorIsBuiltWithoutTheCommandLine(t *testing.T) {
	g := NewWithT(t)
	g.Expect(foreign(t, "./cmd/kubectl-fluxmon")).To(ContainElements("github.com/spf13/cobra", "github.com/fluxmonitoring/operator/internal/cli"))
	g.Expect(foreign(t, ".")).To(BeEmpty())
}

// foreign are the packages of the command line that a package is built of.
func foreign(t *testing.T, of string) (found []string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", of).Output()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	for name := range strings.Lines(string(out)) {
		if name = strings.TrimSpace(name); ofTheCommandLine.MatchString(name) {
			found = append(found, name)
		}
	}
	return found
}
