package chart

import (
	"fmt"
	"slices"
)

// Value is what a user may set, or a group of such values.
type Value struct {
	Name string
	// About is a sentence for people.
	About string
	// Default, where the manifests do not give one.
	Default any
	// Schema of a value, in JSON Schema.
	Schema Schema
	// Within are the values of a group; a value has none.
	Within []Value
}

// Schema is a piece of a JSON Schema.
type Schema map[string]any

// fromManifests is the default of a value that config/ has to give.
type fromManifests struct{}

// catalogue are all values, in the order they are shown in.
func catalogue() []Value {
	return slices.Concat(imageValues(), podValues(), accessValues(), operatorValues(), objectValues(), nameValues())
}

func imageValues() []Value {
	return []Value{
		{Name: "image", About: "The image of the operator.", Within: []Value{
			{"repository", "Where the image is.", fromManifests{}, matching(`^[a-z0-9][a-z0-9.:_/-]*$`), nil},
			{"tag", "Its tag. Empty for the version of the chart's operator.", "", matching(`^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$`), nil},
			{"digest", "Its digest, such as sha256:0123…; it has precedence over the tag.", "", matching(`^(sha256:[a-f0-9]{64})?$`), nil},
			{"pullPolicy", "When it is pulled.", fromManifests{}, oneOf("Always", "IfNotPresent", "Never"), nil},
		}},
		{"imagePullSecrets", "Secrets of the release's namespace to pull it with, each as `name: NAME`.", []any{}, listOf(object(Schema{
			"name": Schema{"type": "string", "minLength": 1},
		}, "name")), nil},
	}
}

func podValues() []Value {
	return []Value{
		{"replicaCount", "Replicas of the operator. One works, the others wait to.", fromManifests{}, number(0), nil},
		{"resources", "What the operator needs. Its memory limit is the goal of its garbage collector.", fromManifests{}, object(Schema{
			"requests": quantities, "limits": quantities, "claims": listOf(Schema{"type": "object"}),
		}), nil},
		{"nodeSelector", "Labels of the nodes it may run on.", fromManifests{}, texts, nil},
		{"tolerations", "Taints of nodes that it tolerates.", []any{}, listOf(object(Schema{
			"key": Schema{"type": "string"}, "operator": oneOf("Exists", "Equal", "Lt", "Gt"), "value": Schema{"type": "string"},
			"effect": oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"), "tolerationSeconds": Schema{"type": "integer"},
		})), nil},
		{"affinity", "Nodes and pods that it should be near to, or not.", map[string]any{}, object(Schema{
			"nodeAffinity": Schema{"type": "object"}, "podAffinity": Schema{"type": "object"}, "podAntiAffinity": Schema{"type": "object"},
		}), nil},
		{"topologySpreadConstraints", "How replicas are spread. One without a labelSelector selects the pods of the release.", fromManifests{},
			listOf(Schema{"type": "object", "required": []any{"maxSkew", "topologyKey", "whenUnsatisfiable"}}), nil},
		{"priorityClassName", "PriorityClass of the pods.", "", Schema{"type": "string"}, nil},
		{"podLabels", "Further labels of the pods. Those that pods are selected by are refused.", map[string]any{}, without(texts,
			"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/part-of"), nil},
		{"podAnnotations", "Further annotations of the pods.", map[string]any{}, without(texts,
			"kubectl.kubernetes.io/default-container"), nil},
	}
}

func accessValues() []Value {
	return []Value{
		{Name: "serviceAccount", About: "The ServiceAccount of the operator.", Within: []Value{
			{"create", "Whether the chart makes it.", true, boolean, nil},
			{"name", "Its name. Empty for that of the release, or for `default` where the chart does not make one.", "", objectName, nil},
			{"annotations", "Its annotations.", map[string]any{}, texts, nil},
		}},
		{Name: "rbac", About: "What the operator and people may do.", Within: []Value{
			{"create", "Whether the chart makes roles and bindings. Without them the operator needs the same from elsewhere.", true, boolean, nil},
			{"userRoles", "Whether the ClusterRoles fluxmonitoring-editor, -viewer and -metrics-reader are made. One release of a cluster may.",
				true, boolean, nil},
			{"namespaces", "Namespaces that the operator may write in, and whose FluxMonitorings it reconciles. They must exist. Empty for every namespace.",
				fromManifests{}, with(listOf(matching(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)), Schema{"uniqueItems": true}), nil},
		}},
		{Name: "admissionPolicy", About: "What the operator's ServiceAccount may write, whatever its roles are.", Within: []Value{
			{"enabled", "Whether ValidatingAdmissionPolicies bound it to what the operator generates. Kubernetes before 1.30 does not serve them, and a " +
				"release there has none.", true, boolean, nil},
		}},
		{Name: "impersonation", About: "The permission to act as ServiceAccounts.", Within: []Value{
			{"enabled", "Whether the operator may. Needed for spec.serviceAccountName and defaultServiceAccount alone.", false, boolean, nil},
		}},
		{"defaultServiceAccount", "The ServiceAccount, in a FluxMonitoring's namespace, that the operator writes as where the resource names none. " +
			"Empty for the operator's own.", "", objectName, nil},
		{"trustedNamespaces", "Namespaces, beside the release's, in which the operator writes with its own permissions for a FluxMonitoring " +
			"that names no ServiceAccount. In any other it must name one. `*` for all.", fromManifests{},
			listOf(matching(`^([a-z0-9]([-a-z0-9]*[a-z0-9])?|\*)$`)), nil},
	}
}

func operatorValues() []Value {
	return []Value{
		{Name: "leaderElection", About: "Which of several replicas works.", Within: []Value{
			{"enabled", "Whether they elect one. More than one replica needs it.", fromManifests{}, boolean, nil},
		}},
		{"watchLabelSelector", "Labels of the Flux objects that are exported and of the FluxMonitorings that are reconciled, such as " +
			"sharding.fluxcd.io/key=shard1. Empty for all.", "", Schema{"type": "string"}, nil},
		{"concurrent", "FluxMonitorings that are reconciled at once. Null for the operator's own default.", nil, orNull(number(1)), nil},
		{"maxSeries", "Series of Flux objects that are served at most, 0 for no limit. Null for the operator's own default.", nil, orNull(number(0)), nil},
		{"logLevel", "What is logged. Null for the operator's own default.", nil, Schema{"enum": []any{"debug", "info", "error", nil}}, nil},
		{Name: "metrics", About: "The metrics of the operator and of Flux objects.", Within: []Value{
			{"secure", "Whether they are served by HTTPS, to those alone whom the API server lets read them.", fromManifests{}, boolean, nil},
			{"certificateSecret", "Secret of the release's namespace, of type kubernetes.io/tls, with the certificate for that. Empty for a " +
				"self-signed one, which the operator makes and renews.", "", matching(`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$`), nil},
		}},
		{"extraArgs", "Further arguments of the operator.", []any{}, listOf(matching(`^--`)), nil},
	}
}

func objectValues() []Value {
	return []Value{
		{Name: "networkPolicy", About: "Who may speak with the operator, and with whom it may.", Within: []Value{
			{"enabled", "Whether there is a NetworkPolicy.", true, boolean, nil},
			{"metricsNamespaces", "Namespaces whose pods may read metrics, beside that of the release: where Prometheus runs.", fromManifests{},
				with(listOf(matching(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)), Schema{"minItems": 1}), nil},
			{"apiServerPorts", "Ports that the API server listens on.", fromManifests{}, with(listOf(with(number(1), Schema{"maximum": 65535})),
				Schema{"minItems": 1}), nil},
			{"extraIngress", "Further rules of ingress, as a NetworkPolicy has them.", []any{}, listOf(object(Schema{
				"from": listOf(Schema{"type": "object"}), "ports": listOf(Schema{"type": "object"}),
			})), nil},
		}},
		{Name: "podDisruptionBudget", About: "How many replicas may be missing while nodes are drained.", Within: []Value{
			{"enabled", "Whether there is a PodDisruptionBudget.", true, boolean, nil},
			{"maxUnavailable", "How many, or how many percent.", fromManifests{}, Schema{"oneOf": []any{
				number(0), matching(`^(100|[1-9]?[0-9])%$`),
			}}, nil},
		}},
		{Name: "crds", About: "The definition of FluxMonitoring.", Within: []Value{
			{"install", "Whether it is installed and upgraded with the release. One release of a cluster may.", true, boolean, nil},
			{"keep", "Whether it stays when the release is uninstalled. If not, every FluxMonitoring is deleted with it.", true, boolean, nil},
		}},
	}
}

func nameValues() []Value {
	return []Value{
		{"fullnameOverride", "What the names of the release's objects begin with. Empty for the release's name and the chart's.", "",
			with(objectName, Schema{"maxLength": 63}), nil},
		{"global", "Values of a chart that this one is a part of. Nothing is read from it.", map[string]any{}, Schema{"type": "object"}, nil},
		{"enabled", "For a chart that this one is a part of, with `condition: " + operator + ".enabled`. Nothing here is read from it.", true,
			orNull(boolean), nil},
	}
}

// complete gives the values the defaults that the manifests have. A value without one, and a default without a value, are errors.
func complete(values []Value, defaults map[string]any) ([]Value, error) {
	left := map[string]bool{}
	for path := range defaults {
		left[path] = true
	}
	all, err := fill(values, "", defaults, left)
	if err != nil {
		return nil, err
	}
	for _, path := range sortedKeys(left) {
		return nil, fmt.Errorf("config/chart/values.go has no value %s, which the templates use", path)
	}
	return all, nil
}

func fill(values []Value, prefix string, defaults map[string]any, left map[string]bool) ([]Value, error) {
	all := slices.Clone(values)
	for i := range all {
		v, path := &all[i], prefix+all[i].Name
		if len(v.Within) > 0 {
			var err error
			if v.Within, err = fill(v.Within, path+".", defaults, left); err != nil {
				return nil, err
			}
			continue
		}
		if given, is := defaults[path]; is {
			v.Default = given
			delete(left, path)
		}
		if _, missing := v.Default.(fromManifests); missing {
			return nil, fmt.Errorf("config/default has no default for the value %s: add it there, or take the value out of config/chart/values.go", path)
		}
	}
	return all, nil
}
