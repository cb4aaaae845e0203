package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// rule says what becomes of the objects of a kind.
type rule struct {
	// when is the condition under which a release has them; empty for always.
	when string
	// leaves makes values of fields; nil where none is one.
	leaves func(*draft) error
	// left says that a release has none of the kind.
	left bool
}

const (
	labels = `{{- include "` + operator + `.labels" $ | nindent N }}` + "\n"
	// policies are made where the cluster serves them. The version says so, because `helm template` knows of no kinds that are served.
	policies   = `and .Values.admissionPolicy.enabled (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version)`
	keptByHelm = "{{- if .Values.crds.keep }}\nhelm.sh/resource-policy: keep\n{{- end }}\n"
)

var rules = map[string]rule{
	// Helm makes it with --create-namespace, and would delete it, and all within, with the release.
	"Namespace":                {left: true},
	"CustomResourceDefinition": {when: ".Values.crds.install", leaves: definition},
	"ServiceAccount":           {when: ".Values.serviceAccount.create", leaves: account},
	"ClusterRole":              {when: ".Values.rbac.create"},
	"ClusterRoleBinding":       {when: ".Values.rbac.create"},
	"Role":                     {when: ".Values.rbac.create"},
	"RoleBinding":              {when: ".Values.rbac.create"},
	"Deployment":               {leaves: deployment},
	"NetworkPolicy":            {when: ".Values.networkPolicy.enabled", leaves: networkPolicy},
	"PodDisruptionBudget":      {when: ".Values.podDisruptionBudget.enabled", leaves: disruptionBudget},
	"ConfigMap":                {},
	"Service":                  {},

	"ValidatingAdmissionPolicy":        {when: policies, leaves: adoption},
	"ValidatingAdmissionPolicyBinding": {when: policies},
}

// further are conditions beside that of the kind, by the names of objects, or by kind and name.
var further = map[string]string{
	"ClusterRoleBinding " + operator + "-writer": "(not .Values.rbac.namespaces)",

	operator + "-impersonation":     ".Values.impersonation.enabled",
	operator + "-leader-election":   ".Values.leaderElection.enabled",
	operator + "-metrics-auth":      ".Values.metrics.secure",
	"fluxmonitoring-editor":         ".Values.rbac.userRoles",
	"fluxmonitoring-viewer":         ".Values.rbac.userRoles",
	"fluxmonitoring-metrics-reader": ".Values.rbac.userRoles",
}

// repeated are the values whose items are namespaces that have the object each, by its kind and name.
var repeated = map[string]string{
	"RoleBinding " + operator + "-writer": ".Values.rbac.namespaces",
}

// templates are those of the objects, and the defaults of the values in them.
func templates(objects []*unstructured.Unstructured) (Files, map[string]any, error) {
	files, defaults := Files{}, map[string]any{}
	for _, o := range objects {
		r, known := rules[o.GetKind()]
		if !known {
			return nil, nil, fmt.Errorf("%s %s: say in rules in config/chart/rules.go when a release has a %s, or that it has none",
				o.GetKind(), o.GetName(), o.GetKind())
		}
		if r.left {
			continue
		}
		text, err := r.template(&draft{object: o.DeepCopy().Object, defaults: defaults}, o)
		if err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
		}
		name := "templates/" + fileName(o)
		if _, taken := files[name]; taken {
			return nil, nil, fmt.Errorf("%s %s: another object has the file %s", o.GetKind(), o.GetName(), name)
		}
		files[name] = []byte(text)
	}
	return files, defaults, outdated(objects)
}

// outdated says whether a condition is for an object that is not there any more: it would be lost where that has another name.
func outdated(objects []*unstructured.Unstructured) error {
	for _, name := range slices.Concat(sortedKeys(further), sortedKeys(repeated)) {
		is := func(o *unstructured.Unstructured) bool { return o.GetName() == name || kindAndName(o) == name }
		if !slices.ContainsFunc(objects, is) {
			return fmt.Errorf("config/chart/all has no %s any more: change further or repeated in config/chart/rules.go", name)
		}
	}
	return nil
}

func kindAndName(o *unstructured.Unstructured) string { return o.GetKind() + " " + o.GetName() }

// template is the text of an object's.
func (r rule) template(d *draft, o *unstructured.Unstructured) (string, error) {
	if err := d.rename(); err != nil {
		return "", err
	}
	if r.leaves != nil {
		if err := r.leaves(d); err != nil {
			return "", err
		}
	}
	if err := d.extend(labels, "metadata", "labels"); err != nil {
		return "", err
	}
	over := repeated[kindAndName(o)]
	if over != "" {
		if err := d.put(scalar(". | quote"), "metadata", "namespace"); err != nil {
			return "", err
		}
	}
	text, err := d.template()
	if err != nil {
		return "", err
	}
	if over != "" {
		text = "{{- range " + over + " }}\n---\n" + text + "{{- end }}\n"
	}
	if when := r.condition(o); when != "" {
		text = "{{- if " + when + " }}\n" + text + "{{- end }}\n"
	}
	return "{{- /* Made from config/default by config/chart. */}}\n" + text, nil
}

// condition is that under which a release has an object; empty for always.
func (r rule) condition(o *unstructured.Unstructured) string {
	if more := cmp.Or(further[kindAndName(o)], further[o.GetName()]); more != "" {
		return strings.TrimSpace("and " + r.when + " " + more)
	}
	return r.when
}

// fileName tells the object's kind, and its name where it says more.
func fileName(o *unstructured.Unstructured) string {
	name, _, _ := strings.Cut(o.GetName(), ".")
	for _, prefix := range []string{operator, "fluxmonitoring-"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return strings.TrimSuffix(strings.ToLower(o.GetKind())+"-"+strings.TrimPrefix(name, "-"), "-") + ".yaml"
}

func definition(d *draft) error { return d.extend(keptByHelm, "metadata", "annotations") }

func account(d *draft) error {
	own, _ := at(d.object, []string{"metadata", "annotations"})
	if own != nil {
		return fmt.Errorf("has annotations: make them the default of serviceAccount.annotations in config/chart/rules.go")
	}
	return d.put(optional(".Values.serviceAccount.annotations"), "metadata", "annotations")
}

// adoption is allowed in the namespaces in which the operator writes as itself.
func adoption(d *draft) error {
	namespaces := []string{"spec", "variables", "adopting", "expression"}
	if is, _ := at(d.object, namespaces); is == nil { // a policy of something else
		return nil
	}
	return d.put(scalar("append (default list .Values.trustedNamespaces) .Release.Namespace | uniq | toJson | quote"), namespaces...)
}

func disruptionBudget(d *draft) error {
	return d.take("podDisruptionBudget.maxUnavailable", scalar, "spec", "maxUnavailable")
}

// networkPolicy takes the first rule of ingress for that of metrics, and its first peer for the namespaces that may read them.
func networkPolicy(d *draft) error {
	named := []string{"spec", "ingress", "0", "from", "0", "namespaceSelector", "matchExpressions", "0"}
	if key, err := at(d.object, append(slices.Clone(named), "key")); err != nil || key != "kubernetes.io/metadata.name" {
		return fmt.Errorf("spec.ingress.0.from.0 does not select namespaces by name: say in config/chart/rules.go which peer does")
	}
	namespaces := func(expression string) form { return lines("{{- toYaml " + expression + " | nindent N }}\n") }
	if err := d.take("networkPolicy.metricsNamespaces", namespaces, append(named, "values")...); err != nil {
		return err
	}
	if err := apiServerPorts(d); err != nil {
		return err
	}
	return d.extend("{{- with .Values.networkPolicy.extraIngress }}\n{{- toYaml . | nindent N }}\n{{- end }}\n", "spec", "ingress")
}

// apiServerPorts takes the first rule of egress for that to the API server.
func apiServerPorts(d *draft) error {
	found, err := at(d.object, []string{"spec", "egress", "0", "ports"})
	if err != nil {
		return err
	}
	var numbers []any
	for _, port := range found.([]any) {
		fields, _ := port.(map[string]any)
		number, is := fields["port"].(int64)
		if !is || fields["protocol"] != "TCP" || len(fields) != 2 {
			return fmt.Errorf("spec.egress.0 is not the API server's TCP ports: say in config/chart/rules.go which rule is")
		}
		numbers = append(numbers, number)
	}
	d.defaults["networkPolicy.apiServerPorts"] = numbers
	ports := "{{- range .Values.networkPolicy.apiServerPorts }}\n- {port: {{ int . }}, protocol: TCP}\n{{- end }}\n"
	return d.put(lines(ports), "spec", "egress", "0", "ports")
}
