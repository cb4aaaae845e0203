package chart_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/pages"
)

// fences are the blocks of a page in a language.
func fences(t *testing.T, language string) []string {
	t.Helper()
	var all []string
	for _, found := range regexp.MustCompile("(?sm)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(read(t, guide), -1) {
		all = append(all, found[1])
	}
	return all
}

// shell runs commands from the root of the checkout, with helm and kubectl, on the place.
func (p place) shell(t *testing.T, script string) {
	t.Helper()
	folder, err := helm()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "KUBECONFIG="+p.kubeconfig, "PATH="+folder+":"+p.plane.Assets+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v: %s", script, err, out)
	}
}

func (p place) followsTheGuide(t *testing.T) {
	g := NewWithT(t)
	blocks, err := pages.Blocks([]byte(read(t, guide)))
	must(t, err)
	g.Expect(blocks).NotTo(BeEmpty())
	script := ""
	for _, block := range blocks {
		commands, err := block.Commands(t.Context())
		must(t, err)
		for _, command := range commands {
			script += command.Text + "\n"
		}
	}
	p.shell(t, script)
	strict := client.WithFieldValidation(client.NewDryRunClient(p.admin), "Strict")
	examples := fences(t, "yaml")
	g.Expect(examples).NotTo(BeEmpty())
	must(t, cluster.Apply(t.Context(), p.admin, decode(t, "{apiVersion: v1, kind: Namespace, metadata: {name: flux-system}}")...))
	for _, example := range examples {
		for _, o := range decode(t, example) {
			g.Expect(strict.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("test"))).To(Succeed(), o.GetKind())
		}
	}
}
