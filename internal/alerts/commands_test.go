package alerts

import (
	"regexp"
	"strings"
	"testing"
	"text/template"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// filled is a text as Prometheus fills it in, with the functions that Prometheus has for it.
func filled(g Gomega, text string, labels map[string]string) string {
	functions := template.FuncMap{
		"toLower":            strings.ToLower,
		"humanizePercentage": func(string) string { return "5%" },
		"humanizeDuration":   func(string) string { return "5m" },
		"reReplaceAll": func(pattern, replacement, in string) string {
			return regexp.MustCompile(pattern).ReplaceAllString(in, replacement)
		},
	}
	t, err := template.New("").Funcs(functions).Parse(`{{ $labels := . }}{{ $value := "7" }}` + text)
	g.Expect(err).NotTo(HaveOccurred(), text)
	var out strings.Builder
	g.Expect(t.Execute(&out, labels)).To(Succeed(), text)
	return out.String()
}

func TestACommandOfAnAlertNamesTheResourceOfEveryKindInFull(t *testing.T) {
	for _, k := range flux.Kinds() {
		g := NewWithT(t)
		command := filled(g, describe, map[string]string{"kind": k.Name, "exported_namespace": "apps", "name": "shop"})
		g.Expect(command).To(Equal("`kubectl -n apps describe " + k.Plural + "." + k.Group + " shop`."))
	}
}

// commands are those in the text of every alert, as somebody reads them.
func commands(g Gomega) map[string][]string {
	labels := map[string]string{"kind": "Bucket", "exported_namespace": "apps", "name": "shop", "namespace": "gotk", "app": "source-controller",
		"pod": "p", "controller": "bucket", "host": "h", "code": "500"}
	found := map[string][]string{}
	for _, a := range catalogue {
		for _, command := range regexp.MustCompile("`((?:kubectl|flux) [^`]+)`").FindAllStringSubmatch(filled(g, a.description, labels), -1) {
			found[a.name] = append(found[a.name], command[1])
		}
	}
	return found
}

func TestTheCommandOfAnAlertCanBePasted(t *testing.T) {
	g := NewWithT(t)
	for name, all := range commands(g) {
		for _, command := range all {
			g.Expect(command).To(MatchRegexp(` (-n (gotk|apps)|-A|--raw)( |$)`), "%s says where", name)
			g.Expect(command).NotTo(MatchRegexp(`[ =][^' ]*[?*&][^' ]*( |$)`), "%s: a shell takes it for a pattern", name)
			g.Expect(command).NotTo(MatchRegexp(` (Bucket|bucket)s? `), "%s: others have that kind too", name)
			g.Expect(command).NotTo(ContainSubstring("grep concurrent"), "%s: the flag is not there by default", name)
		}
	}
}
