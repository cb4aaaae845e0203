package docs_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	comments  = regexp.MustCompile(`(?s)<!--.*?-->`)
	joined    = regexp.MustCompile(`\\\n\s*`)
	inPages   = regexp.MustCompile("(?m)(?:^ *(?:\\$ )?|`)((?:kubectl|flux) [^`\n]+)")
	namespace = regexp.MustCompile(` (-n|--namespace|-A|--all-namespaces|--raw|-f|-k)\b`)
	expands   = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	// judged are the verbs whose commands have a namespace. Those in the first group have a resource too.
	judged = regexp.MustCompile(`^(?:kubectl|flux) (?:-n \S+ |--namespace \S+ )?(?:(get|describe|delete|patch|annotate|label|wait)|events|logs|rollout|` +
		`port-forward|auth can-i|reconcile|suspend|resume|trace|diff kustomization) ?(\S*)`)
	builtIn = []string{"configmap", "crd", "deployment", "event", "lease", "namespace", "node", "pod", "secret", "service", "customresourcedefinition",
		"validatingwebhookconfiguration", "mutatingwebhookconfiguration", "validatingadmissionpolicie", "fluxmonitoring", "fluxmon"}
	clusterWide = regexp.MustCompile(`^(namespaces?|nodes?|crds?|customresourcedefinitions|.*configurations|validatingadmissionpolicies|cluster.*)([./]|$)`)
)

// Without a namespace, kubectl reads the one of the context, and flux its own. Azure's and OpenShift's operators have PodMonitors and
// Prometheuses in groups of their own.
func TestACommandOfAPageCanBePasted(t *testing.T) {
	for _, p := range all(t) {
		if strings.HasPrefix(p.path, "docs/decisions") || strings.HasPrefix(p.path, "test/") {
			continue
		}
		source := joined.ReplaceAllString(comments.ReplaceAllString(string(p.source), ""), " ")
		for _, command := range inPages.FindAllStringSubmatch(source, -1) {
			if why := notPasteable(command[1]); why != "" {
				t.Errorf("%s: %s: %s", p.path, command[1], why)
			}
		}
	}
}

// notPasteable says why a command does not work as it is pasted, as far as its text shows.
func notPasteable(command string) string {
	parts := judged.FindStringSubmatch(command)
	if parts == nil || len(strings.Fields(command)) < 3 || strings.HasSuffix(command, "--help") {
		return "" // a mention, which nobody pastes
	}
	resources := strings.Split(parts[2], ",")
	isKubectl := strings.HasPrefix(command, "kubectl")
	for _, resource := range resources {
		kind, _, _ := strings.Cut(resource, "/")
		bare := strings.TrimSuffix(kind, "s")
		if isKubectl && parts[1] != "" && !strings.HasPrefix(kind, "-") && !strings.Contains(kind, ".") && !slices.Contains(builtIn, bare) {
			return kind + " is no full name of a resource"
		}
	}
	if isKubectl && parts[1] != "" && clusterWide.MatchString(resources[0]) {
		return ""
	}
	if !namespace.MatchString(command) {
		return "it has no namespace"
	}
	if strings.ContainsAny(expands.ReplaceAllString(command, ""), "?*{") {
		return "a shell expands it"
	}
	return ""
}
