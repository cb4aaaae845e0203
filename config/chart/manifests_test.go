package chart

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// changed makes the chart of the manifests with one thing changed, in a folder as helm takes it.
func changed(t *testing.T, change func(objects []*unstructured.Unstructured) []*unstructured.Unstructured) (Files, error) {
	t.Helper()
	given, err := read(root)
	must(t, err)
	given.objects = change(given.objects)
	return generate(given)
}

// set changes a field of an object.
func set(kind string, value any, path ...string) func([]*unstructured.Unstructured) []*unstructured.Unstructured {
	return func(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
		for _, o := range objects {
			if o.GetKind() != kind {
				continue
			}
			parent, err := at(o.Object, path[:len(path)-1])
			if err != nil {
				panic(err)
			}
			parent.(map[string]any)[path[len(path)-1]] = value
			return objects
		}
		panic("no " + kind)
	}
}

func add(text string) func([]*unstructured.Unstructured) []*unstructured.Unstructured {
	return func(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
		more, err := decodeAll(text)
		if err != nil {
			panic(err)
		}
		return append(objects, more...)
	}
}

// adoptsInItsOwnOnly is what a release with no trusted namespaces has otherwise.
const adoptsInItsOwnOnly = `ValidatingAdmissionPolicy watcher-generated: spec.variables[adopting].expression: ["fluxmonitoring-system"], ` +
	`was ["monitoring","flux-system","fluxmonitoring-system"]`

func TestWhatIsAddedToTheManifestsIsInTheRelease(t *testing.T) {
	container := of(pod, "containers", "operator")
	for sentence, c := range map[string]struct {
		change func([]*unstructured.Unstructured) []*unstructured.Unstructured
		adds   []string
	}{
		"an object": {
			add("{apiVersion: v1, kind: Service, metadata: {name: fluxmonitoring-operator-metrics, namespace: fluxmonitoring-system}, spec: " +
				"{selector: {app.kubernetes.io/name: fluxmonitoring-operator, app.kubernetes.io/instance: fluxmonitoring-operator}}}"),
			[]string{"+ Service watcher-metrics"},
		},
		"a role that the operator is given": {
			add("{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: fluxmonitoring-operator-auth}, " +
				"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:auth-delegator'}, " +
				"subjects: [{kind: ServiceAccount, name: fluxmonitoring-operator, namespace: fluxmonitoring-system}]}"),
			[]string{"+ ClusterRoleBinding watcher-auth"},
		},
		"a field": {
			set("Deployment", int64(3), "spec", "minReadySeconds"),
			[]string{"Deployment watcher: + spec.minReadySeconds: 3"},
		},
		"a field with what looks like a template": {
			set("ServiceAccount", map[string]any{"a": "{{ .x }}"}, "metadata", "extra"),
			[]string{"ServiceAccount watcher: + metadata.extra.a: {{ .x }}"},
		},
		"an argument that is no value": {
			set("Deployment", []any{"--leader-elect", "--zap-devel"}, of(container, "args")...),
			[]string{"Deployment watcher: spec.template.spec.containers[operator].args[0]: --zap-devel, was --leader-elect",
				"Deployment watcher: spec.template.spec.containers[operator].args[1]: --leader-elect, was --leader-election-id=watcher",
				"Deployment watcher: spec.template.spec.containers[operator].args[2]: --leader-election-id=watcher, was --trusted-namespaces=monitoring,flux-system",
				adoptsInItsOwnOnly},
		},
		"an argument that is a value": {
			set("Deployment", []any{"--leader-elect", "--concurrent=8"}, of(container, "args")...),
			[]string{"Deployment watcher: spec.template.spec.containers[operator].args[2]: --concurrent=8, was --trusted-namespaces=monitoring,flux-system",
				adoptsInItsOwnOnly},
		},
		"another default of a value": {
			set("Deployment", int64(5), "spec", "replicas"),
			[]string{"Deployment watcher: spec.replicas: 5, was 2"},
		},
		"a default of a value that had none": {
			set("Deployment", []any{map[string]any{"operator": "Exists"}}, of(pod, "tolerations")...),
			[]string{"Deployment watcher: + spec.template.spec.tolerations[0].operator: Exists"},
		},
		"a label": {
			set("NetworkPolicy", "platform", "metadata", "labels", "team"),
			[]string{"NetworkPolicy watcher: + metadata.labels.team: platform"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			files, err := changed(t, c.change)
			must(t, err)
			folder := t.TempDir()
			must(t, files.Write(folder))
			out, err := run(t, nil, "template", operator, folder+"/"+Folder, "--namespace", system, "--set", "fullnameOverride=watcher")
			must(t, err)
			NewWithT(t).Expect(changes(render(t, "fullnameOverride: watcher"), decode(t, out))).To(Equal(c.adds))
		})
	}
}

func TestWhatNobodyHasThoughtOfIsRefused(t *testing.T) {
	container := of(pod, "containers", "operator")
	for sentence, c := range map[string]struct {
		change func([]*unstructured.Unstructured) []*unstructured.Unstructured
		says   string
	}{
		"a kind": {
			add("{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: fluxmonitoring-operator}}"),
			"PodMonitor fluxmonitoring-operator: say in rules in config/chart/rules.go when a release has a PodMonitor, or that it has none",
		},
		"a name that two releases would share": {
			add("{apiVersion: v1, kind: Service, metadata: {name: metrics}}"),
			"Service metrics: its name must begin with fluxmonitoring-operator, so that two releases do not meet; or list it in shared in " +
				"config/chart/names.go",
		},
		"two objects in one file": {
			add("{apiVersion: apps/v1, kind: ConfigMap, metadata: {name: fluxmonitoring-operator}}\n---\n" +
				"{apiVersion: v1, kind: ConfigMap, metadata: {name: fluxmonitoring-operator}}"),
			"ConfigMap fluxmonitoring-operator: another object has the file templates/configmap.yaml",
		},
		"the name of the operator in a place that is not known": {
			set("Deployment", "fluxmonitoring-operator", of(pod, "hostname")...),
			`Deployment fluxmonitoring-operator: spec.template.spec.hostname is "fluxmonitoring-operator", which is of these manifests: ` +
				"say in config/chart/names.go what it is in a release",
		},
		"the namespace in a place that is not known": {
			set("Deployment", []any{"--leader-election-namespace=fluxmonitoring-system"}, of(container, "args")...),
			`Deployment fluxmonitoring-operator: spec.template.spec.containers.0.args.0 is "--leader-election-namespace=fluxmonitoring-system", ` +
				"which is of these manifests: say in config/chart/names.go what it is in a release",
		},
		"a spread over other pods": {
			set("Deployment", map[string]any{}, of(pod, "topologySpreadConstraints", "0", "labelSelector")...),
			"Deployment fluxmonitoring-operator: a topologySpreadConstraint selects other pods than the Deployment: " +
				"say in config/chart/deployment.go which",
		},
		"a first rule of egress that is not the API server's": {
			set("NetworkPolicy", []any{map[string]any{"port": int64(53), "protocol": "UDP"}}, "spec", "egress", "0", "ports"),
			"NetworkPolicy fluxmonitoring-operator: spec.egress.0 is not the API server's TCP ports: say in config/chart/rules.go which rule is",
		},
		"a first peer that is not namespaces by name": {
			set("NetworkPolicy", []any{map[string]any{"namespaceSelector": map[string]any{}}}, "spec", "ingress", "0", "from"),
			"NetworkPolicy fluxmonitoring-operator: spec.ingress.0.from.0 does not select namespaces by name: " +
				"say in config/chart/rules.go which peer does",
		},
		"annotations of the account": {
			set("ServiceAccount", map[string]any{"a": "b"}, "metadata", "annotations"),
			"ServiceAccount fluxmonitoring-operator: has annotations: make them the default of serviceAccount.annotations in config/chart/rules.go",
		},
		"no default for a value": {
			set("PodDisruptionBudget", map[string]any{"minAvailable": int64(1)}, "spec"),
			"config/default has no default for the value podDisruptionBudget.maxUnavailable: add it there, or take the value out of " +
				"config/chart/values.go",
		},
		"an argument that is not what the value takes": {
			set("Deployment", []any{"--concurrent=many"}, of(container, "args")...),
			`Deployment fluxmonitoring-operator: argument --concurrent=many: strconv.ParseInt: parsing "many": invalid syntax`,
		},
		"an object that is gone and has values": {
			func(objects []*unstructured.Unstructured) (left []*unstructured.Unstructured) {
				for _, o := range objects {
					if o.GetKind() != "NetworkPolicy" {
						left = append(left, o)
					}
				}
				return left
			},
			"config/default has no default for the value networkPolicy.metricsNamespaces: add it there, or take the value out of " +
				"config/chart/values.go",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := changed(t, c.change)
			NewWithT(t).Expect(err).To(MatchError(c.says))
		})
	}
}

func TestARuleForAnObjectThatIsGoneIsRefused(t *testing.T) {
	_, err := changed(t, func(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
		for _, o := range objects {
			if o.GetName() == operator+"-impersonation" {
				o.SetName(operator + "-acting")
			}
		}
		return objects
	})
	NewWithT(t).Expect(err).To(MatchError("config/chart/all has no fluxmonitoring-operator-impersonation any more: change further or repeated in config/chart/rules.go"))
}

func TestAValueThatTheCatalogueLacksIsRefused(t *testing.T) {
	_, err := complete(nil, map[string]any{"colour": "red"})
	NewWithT(t).Expect(err).To(MatchError("config/chart/values.go has no value colour, which the templates use"))
}

func TestEveryValueOfTheTemplatesIsInTheCatalogue(t *testing.T) {
	known := map[string]bool{}
	must(t, each(catalogue(), "", func(path string, _ Value) error { known[path] = true; return nil }))
	files, err := Read(root)
	must(t, err)
	for name, content := range files {
		for _, word := range strings.FieldsFunc(string(content), func(r rune) bool { return strings.ContainsRune(" ()\n{}", r) }) {
			if path, is := strings.CutPrefix(word, ".Values."); is && !known[path] {
				t.Errorf("%s uses .Values.%s, which is no value", name, path)
			}
		}
	}
}
