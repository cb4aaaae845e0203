package chart

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// pod is the path to a Deployment's pods.
var pod = []string{"spec", "template", "spec"}

// of is a path on from one.
func of(path []string, on ...string) []string { return slices.Concat(path, on) }

// deployment makes values of what a cluster may need otherwise. Everything else in it is as the manifests have it.
func deployment(d *draft) error {
	own := of(pod, "containers", "operator")
	also := "{{- with .Values.%s }}\n{{- toYaml . | nindent N }}\n{{- end }}\n"
	return errors.Join(
		d.take("replicaCount", scalar, "spec", "replicas"),
		d.extend(fmt.Sprintf(also, "podLabels"), "spec", "template", "metadata", "labels"),
		d.extend(fmt.Sprintf(also, "podAnnotations"), "spec", "template", "metadata", "annotations"),
		d.take("nodeSelector", optional, of(pod, "nodeSelector")...),
		d.take("tolerations", optional, of(pod, "tolerations")...),
		d.take("affinity", optional, of(pod, "affinity")...),
		d.take("priorityClassName", optionalScalar, of(pod, "priorityClassName")...),
		d.take("imagePullSecrets", optional, of(pod, "imagePullSecrets")...),
		d.spread(of(pod, "topologySpreadConstraints")),
		d.image(of(own, "image")),
		d.take("image.pullPolicy", scalar, of(own, "imagePullPolicy")...),
		d.arguments(of(own, "args")),
		d.take("resources", optional, of(own, "resources")...),
		d.certificate(of(own, "volumeMounts"), of(pod, "volumes")),
	)
}

// certificate mounts the Secret that a value names, as config/metrics-certificate does.
func (d *draft) certificate(mounts, volumes []string) error {
	for _, path := range [][]string{mounts, volumes} {
		if _, err := at(d.object, path); err == nil {
			return fmt.Errorf("%s has items: say in config/chart/deployment.go what becomes of them", strings.Join(path, "."))
		}
	}
	where := func(item string) form {
		return func(key string, indent int) string {
			in := blanks(indent)
			return in + "{{- with .Values.metrics.certificateSecret }}\n" + in + key + ":\n" + indented(item, indent) + in + "{{- end }}\n"
		}
	}
	return errors.Join(
		d.put(where("- name: metrics-certificate\n  mountPath: /etc/fluxmonitoring/metrics-certificate\n  readOnly: true\n"), mounts...),
		d.put(where("- name: metrics-certificate\n  secret:\n    secretName: {{ . | quote }}\n"), volumes...),
	)
}

// image takes the repository from the manifests. Its version is the chart's.
func (d *draft) image(path []string) error {
	image, err := at(d.object, path)
	if err != nil {
		return err
	}
	repository, _, _ := strings.Cut(image.(string), "@")
	if colon := strings.LastIndex(repository, ":"); colon > strings.LastIndex(repository, "/") {
		repository = repository[:colon]
	}
	d.defaults["image.repository"] = repository
	return d.put(scalar(`include "`+operator+`.image" . | quote`), path...)
}

// spread makes a value of how pods are spread. Which pods is no part of it, unless it is said: it is those of the release.
func (d *draft) spread(path []string) error {
	found, err := at(d.object, path)
	if err != nil {
		return err
	}
	selector, err := at(d.object, []string{"spec", "selector"})
	if err != nil {
		return err
	}
	var constraints []any
	for _, c := range found.([]any) {
		constraint := c.(map[string]any)
		if !reflect.DeepEqual(constraint["labelSelector"], selector) {
			return errors.New("a topologySpreadConstraint selects other pods than the Deployment: say in config/chart/deployment.go which")
		}
		delete(constraint, "labelSelector")
		constraints = append(constraints, constraint)
	}
	d.defaults["topologySpreadConstraints"] = constraints
	own, err := yaml.Marshal(map[string]any{"labelSelector": selector})
	if err != nil {
		return err
	}
	return d.put(func(key string, indent int) string {
		in := blanks(indent)
		return in + "{{- with .Values.topologySpreadConstraints }}\n" + in + key + ":\n" +
			in + "  {{- range . }}\n" +
			in + "  - {{- toYaml . | nindent " + strconv.Itoa(indent+4) + " }}\n" +
			in + "    {{- if not .labelSelector }}\n" + indented(string(own), indent+4) + in + "    {{- end }}\n" +
			in + "  {{- end }}\n" + in + "{{- end }}\n"
	}, path...)
}

// flag is one of the operator's that is a value.
type flag struct {
	name, value string
	// read is the value in the text after the equals sign.
	read func(text string) (any, error)
}

func asText(text string) (any, error) { return text, nil }

func asNumber(text string) (any, error) { return strconv.ParseInt(text, 10, 64) }

func asBool(text string) (any, error) { return text == "" || text == "true", nil }

func asList(text string) (any, error) {
	list := []any{}
	for part := range strings.SplitSeq(text, ",") {
		list = append(list, part)
	}
	return list, nil
}

// flags are those that written/arguments.tpl writes.
var flags = []flag{
	{"leader-elect", "leaderElection.enabled", asBool},
	{"metrics-secure", "metrics.secure", asBool},
	{"watch-label-selector", "watchLabelSelector", asText},
	{"default-service-account", "defaultServiceAccount", asText},
	{"trusted-namespaces", "trustedNamespaces", asList},
	{"watch-namespaces", "rbac.namespaces", asList},
	{"concurrent", "concurrent", asNumber},
	{"max-series", "maxSeries", asNumber},
	{"zap-log-level", "logLevel", asText},
}

// arguments are what the values say. What the manifests pass is the default of the values; what is no value stays as it is.
func (d *draft) arguments(path []string) error {
	found, err := at(d.object, path)
	if err != nil {
		return err
	}
	d.defaults["leaderElection.enabled"], d.defaults["metrics.secure"], d.defaults["trustedNamespaces"] = false, false, []any{}
	d.defaults["rbac.namespaces"] = []any{}
	kept := []string{}
	for _, a := range found.([]any) {
		name, text, _ := strings.Cut(strings.TrimLeft(a.(string), "-"), "=")
		i := slices.IndexFunc(flags, func(f flag) bool { return f.name == name })
		if i < 0 {
			kept = append(kept, "- "+strconv.Quote(a.(string))+"\n")
			continue
		}
		if d.defaults[flags[i].value], err = flags[i].read(text); err != nil {
			return fmt.Errorf("argument %s: %w", a, err)
		}
	}
	return d.put(func(key string, indent int) string {
		in := blanks(indent)
		written := in + "  {{- . | nindent " + strconv.Itoa(indent+2) + " }}\n"
		call := `include "` + operator + `.arguments" . | trim`
		if len(kept) > 0 {
			return in + key + ":\n" + indented(strings.Join(kept, ""), indent+2) + in + "  {{- with " + call + " }}\n" + written + in + "  {{- end }}\n"
		}
		return in + "{{- with " + call + " }}\n" + in + key + ":\n" + written + in + "{{- end }}\n"
	}, path...)
}
