package chart

import (
	"fmt"
	"slices"
	"strings"
)

const (
	// operator is the name of the operator, of its chart, and of what begins with it in the manifests.
	operator = "fluxmonitoring-operator"
	// system is the namespace of the manifests.
	system = "fluxmonitoring-system"

	fullName    = `include "` + operator + `.fullname" $`
	accountName = `include "` + operator + `.serviceAccountName" $`
)

// shared are the names of objects that are the same in every release: of cluster-wide objects that only one release may have.
var shared = []string{"fluxmonitoring-editor", "fluxmonitoring-viewer", "fluxmonitoring-metrics-reader", "fluxmonitorings.fluxmonitoring.dev"}

// rename puts the names of a release in the place of those of the manifests. A string with one of these in a place that is not
// known is an error: only a person can say what it is in a release.
func (d *draft) rename() error {
	name, _ := at(d.object, []string{"metadata", "name"})
	if text, _ := name.(string); !strings.HasPrefix(text, operator) && !slices.Contains(shared, text) {
		return fmt.Errorf("its name must begin with %s, so that two releases do not meet; or list it in shared in config/chart/names.go", operator)
	}
	if d.object["kind"] == "CustomResourceDefinition" {
		return nil // its texts are for people
	}
	_, err := d.renameIn(d.object, nil)
	return err
}

// renameIn is what a part of the object becomes.
func (d *draft) renameIn(part any, path []string) (any, error) {
	var err error
	switch now := part.(type) {
	case map[string]any:
		for _, key := range sortedKeys(now) {
			if now[key], err = d.renameIn(now[key], append(slices.Clone(path), key)); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range now {
			if now[i], err = d.renameIn(now[i], append(slices.Clone(path), fmt.Sprint(i))); err != nil {
				return nil, err
			}
		}
	case string:
		return d.renamed(now, path)
	}
	return part, nil
}

// releases are what fields that hold one of the manifests' names hold in a release. The name of the application stays: by it the
// operator has its own pods found, whatever the release is called.
var releases = map[string]string{
	"namespace " + system:                    "{{ $.Release.Namespace | quote }}",
	"app.kubernetes.io/instance " + operator: "{{ $.Release.Name | quote }}",
	"app.kubernetes.io/name " + operator:     operator,
}

// renamed is what a string becomes.
func (d *draft) renamed(text string, path []string) (string, error) {
	if !strings.Contains(text, operator) && !strings.Contains(text, system) {
		return text, nil
	}
	if template, is := releases[path[len(path)-1]+" "+text]; is {
		return d.text(template), nil
	}
	if path[len(path)-1] == "expression" && d.object["kind"] == "ValidatingAdmissionPolicy" {
		return d.expression(text), nil
	}
	if text == operator && d.isAccount(path) {
		return d.text("{{ " + accountName + " | quote }}"), nil
	}
	if suffix, is := strings.CutPrefix(text, operator); is && isName(path) {
		return d.fullName(suffix), nil
	}
	return "", fmt.Errorf("%s is %q, which is of these manifests: say in config/chart/names.go what it is in a release",
		strings.Join(path, "."), text)
}

// expression is an expression of a policy with the names of a release. The manifests know the operator's account in any namespace, for
// Kustomize may put it in another; a release knows its own, whose account may be the namespace's default one. A list of
// namespaces stays: it is of a value.
func (d *draft) expression(text string) string {
	account := "system:serviceaccount:" + d.text("{{ $.Release.Namespace }}") + ":" + d.text("{{ "+accountName+" }}")
	return strings.NewReplacer(
		".endsWith(':"+operator+"')", " == '"+account+"'",
		"'"+operator, "'"+d.text("{{ "+fullName+" }}"),
	).Replace(text)
}

// fullName is the name of a release's object, which ends with a suffix.
func (d *draft) fullName(suffix string) string {
	if suffix == "" {
		return d.text("{{ " + fullName + " | quote }}")
	}
	return d.text("{{ "+fullName+" }}") + suffix
}

// isName says whether an object's own name is at a path, or a reference to another's.
func isName(path []string) bool {
	last := path[len(path)-1]
	if last == "name" && len(path) > 1 {
		return path[len(path)-2] == "metadata" || path[len(path)-2] == "roleRef"
	}
	return last == "policyName" || len(path) > 1 && path[len(path)-2] == "resourceNames"
}

// isAccount says whether the name of the ServiceAccount is at a path.
func (d *draft) isAccount(path []string) bool {
	if slices.Equal(path, []string{"metadata", "name"}) {
		return d.object["kind"] == "ServiceAccount"
	}
	if path[len(path)-1] == "serviceAccountName" {
		return true
	}
	kind, _ := at(d.object, append(slices.Clone(path[:len(path)-1]), "kind"))
	return path[0] == "subjects" && kind == "ServiceAccount"
}
