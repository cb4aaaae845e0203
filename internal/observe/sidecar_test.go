package observe

import (
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/selection"
)

// theSidecar is the one for dashboards in the pod of kube-prometheus-stack's Grafana, with all that its chart writes.
const theSidecar = `{name: grafana-sc-dashboard, image: "quay.io/kiwigrid/k8s-sidecar:1.30.10", env: [{name: METHOD, value: WATCH},
	{name: LABEL, value: grafana_dashboard}, {name: LABEL_VALUE, value: "1"}, {name: FOLDER, value: /tmp/dashboards}, {name: RESOURCE, value: both},
	{name: NAMESPACE, value: ALL}, {name: FOLDER_ANNOTATION, value: grafana_folder},
	{name: REQ_USERNAME, valueFrom: {secretKeyRef: {name: grafana, key: admin-user}}},
	{name: REQ_URL, value: "http://localhost:3000/api/admin/provisioning/dashboards/reload"}, {name: REQ_METHOD, value: POST}]}`

const (
	theGrafana     = `{name: grafana, image: "docker.io/grafana/grafana:12.3.0"}`
	theDatasources = `{name: grafana-sc-datasources, env: [{name: LABEL, value: grafana_datasource}, {name: FOLDER, value: /etc/grafana/provisioning/datasources},
		{name: REQ_URL, value: "http://localhost:3000/api/admin/provisioning/datasources/reload"}]}`
)

// sidecarWith is a sidecar with only the variables that it requires, and these.
func sidecarWith(variables ...string) string {
	all := append([]string{"{name: LABEL, value: dashboards}", "{name: FOLDER, value: /tmp/d}"}, variables...)
	return "{name: sidecar, env: [" + strings.Join(all, ", ") + "]}"
}

// grafana is a Deployment whose pod has these containers.
func grafana(t *testing.T, containers ...string) *appsv1.Deployment {
	t.Helper()
	d := specified[appsv1.Deployment](t, "template: {spec: {containers: ["+strings.ReplaceAll(strings.Join(containers, ", "), "\t", " ")+"]}}")
	d.Namespace, d.Name = "monitoring", "grafana"
	return d
}

func TestASidecarIsReadAsItReadsItsEnvironment(t *testing.T) {
	selector := func(text string) *metav1.LabelSelector {
		s, err := metav1.ParseToLabelSelector(text)
		must(t, err)
		return s
	}
	exists := selector("dashboards")
	minimal := func(change func(*selection.Sidecar)) []selection.Sidecar {
		s := selection.Sidecar{
			Kind: "Deployment", Namespace: "monitoring", Name: "grafana", Container: "sidecar", Selector: exists, Namespaces: []string{"monitoring"},
			FolderAnnotation: "k8s-sidecar-target-directory",
		}
		change(&s)
		return []selection.Sidecar{s}
	}
	unread := func(names ...string) []selection.Sidecar {
		return minimal(func(s *selection.Sidecar) { s.Unread, s.Selector = names, nil })
	}
	as := func(*selection.Sidecar) {}
	for name, c := range map[string]struct {
		containers []string
		want       []selection.Sidecar
	}{
		"of kube-prometheus-stack": {[]string{theDatasources, theSidecar, theGrafana}, []selection.Sidecar{{
			Kind: "Deployment", Namespace: "monitoring", Name: "grafana", Container: "grafana-sc-dashboard", Selector: selector("grafana_dashboard=1"),
			Namespaces: []string{"ALL"}, FolderAnnotation: "grafana_folder",
		}}},
		"with its defaults":      {[]string{sidecarWith(), theGrafana}, minimal(as)},
		"an empty value":         {[]string{sidecarWith("{name: LABEL_VALUE, value: ''}"), theGrafana}, minimal(as)},
		"the last of two values": {[]string{sidecarWith("{name: LABEL, value: a}", "{name: LABEL, value: dashboards}"), theGrafana}, minimal(as)},
		"a list of namespaces":   {[]string{sidecarWith("{name: NAMESPACE, value: 'a,b'}"), theGrafana}, minimal(func(s *selection.Sidecar) { s.Namespaces = []string{"a", "b"} })},
		"an empty list":          {[]string{sidecarWith("{name: NAMESPACE, value: ''}"), theGrafana}, minimal(func(s *selection.Sidecar) { s.Namespaces = []string{""} })},
		"that lists once":        {[]string{sidecarWith("{name: METHOD, value: LIST}"), theGrafana}, minimal(func(s *selection.Sidecar) { s.AtStart = true })},
		"a label from elsewhere": {[]string{sidecarWith("{name: LABEL, valueFrom: {configMapKeyRef: {key: a}}}", "{name: REQ_URL, value: /dashboards/reload}"), theGrafana}, unread("LABEL")},
		"a namespace from elsewhere": {[]string{sidecarWith("{name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}"), theGrafana}, minimal(func(s *selection.Sidecar) {
			s.Unread, s.Selector, s.Namespaces = []string{"NAMESPACE"}, nil, []string{""}
		})},
		"a value of another variable":   {[]string{sidecarWith("{name: LABEL_VALUE, value: $(X)}"), theGrafana}, unread("LABEL_VALUE")},
		"by name":                       {[]string{sidecarWith("{name: RESOURCE_NAME, value: configmap/a}"), theGrafana}, unread("RESOURCE_NAME")},
		"variables of a ConfigMap":      {[]string{strings.Replace(sidecarWith(), "env:", "envFrom: [{configMapRef: {name: a}}], env:", 1), theGrafana}, unread("envFrom")},
		"an invalid label":              {[]string{sidecarWith("{name: LABEL_VALUE, value: 'a b'}"), theGrafana}, unread("LABEL")},
		"a label that is too long":      {[]string{sidecarWith("{name: LABEL, value: 'dashboards in (" + strings.Repeat("a,", 200) + "b)'}"), theGrafana}, unread("LABEL")},
		"a value that is too long":      {[]string{sidecarWith("{name: LABEL_VALUE, value: '" + strings.Repeat("a", 5000) + "'}"), theGrafana}, unread("LABEL_VALUE")},
		"an annotation from elsewhere":  {[]string{sidecarWith("{name: FOLDER_ANNOTATION, valueFrom: {}}"), theGrafana}, minimal(func(s *selection.Sidecar) { s.FolderAnnotation = "" })},
		"an annotation that is invalid": {[]string{sidecarWith("{name: FOLDER_ANNOTATION, value: 'a b'}"), theGrafana}, minimal(func(s *selection.Sidecar) { s.FolderAnnotation = "" })},
		"with Secrets only":             {[]string{sidecarWith("{name: RESOURCE, value: secret}"), theGrafana}, nil},
		"for data sources":              {[]string{theDatasources, theGrafana}, nil},
		"beside something else":         {[]string{theSidecar, "{name: loki, image: grafana/loki}"}, nil},
		"without Grafana":               {[]string{theSidecar}, nil},
		"without a folder":              {[]string{"{name: dashboards, env: [{name: LABEL, value: a}]}", theGrafana}, nil},
		"of a mirrored image":           {[]string{sidecarWith(), "{name: main, image: 'registry:5000/x/grafana-enterprise@sha256:00'}"}, minimal(as)},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(SidecarsOf(grafana(t, c.containers...))).To(Equal(c.want))
		})
	}
}

func TestAnInitContainerLoadsDashboardsAtTheStartUnlessItIsASidecar(t *testing.T) {
	for policy, atStart := range map[string]bool{"": true, "restartPolicy: Always,": false} {
		d := grafana(t, theGrafana)
		d.Spec.Template.Spec.InitContainers = grafana(t, strings.Replace(theSidecar, "{name: grafana-sc-dashboard", "{"+policy+"name: sc-dashboard", 1)).Spec.Template.Spec.Containers
		found := SidecarsOf(d)
		NewWithT(t).Expect(found).To(HaveLen(1), policy)
		NewWithT(t).Expect(found[0].AtStart).To(Equal(atStart), policy)
	}
}

func TestAStatefulSetCanRunGrafana(t *testing.T) {
	g, none := NewWithT(t), int32(0)
	set := &appsv1.StatefulSet{ObjectMeta: about("grafana")}
	set.Spec.Template.Spec, set.Spec.Replicas = grafana(t, theSidecar, theGrafana).Spec.Template.Spec, &none
	found := SidecarsOf(set)
	g.Expect(found).To(HaveLen(1))
	g.Expect(found[0].Kind).To(Equal("StatefulSet"))
	g.Expect(found[0].Stopped).To(BeTrue())
	g.Expect(IndexGrafana(set)).To(Equal([]string{HasGrafana}))
	g.Expect(IndexGrafana(&appsv1.StatefulSet{})).To(BeEmpty())
	g.Expect(SidecarsOf(&corev1.Pod{})).To(BeEmpty())
}

func TestAGrafanaIsDownIfKubernetesReportsNoReadyPod(t *testing.T) {
	for _, c := range []struct {
		observed        int64
		replicas, ready int32
		down            bool
	}{{1, 1, 0, true}, {1, 1, 1, false}, {0, 1, 0, false}, {1, 0, 0, false}} {
		d := grafana(t, theSidecar, theGrafana)
		d.Spec.Replicas, d.Status.ObservedGeneration, d.Status.ReadyReplicas = &c.replicas, c.observed, c.ready
		NewWithT(t).Expect(SidecarsOf(d)[0].Down).To(Equal(c.down), "%+v", c)
	}
}

func TestStripKeepsOfAGrafanaExactlyWhatIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		full := &appsv1.Deployment{ObjectMeta: about("grafana")}
		full.Spec.Replicas = rapid.SampledFrom([]*int32{nil, new(int32)}).Draw(t, "replicas")
		full.Spec.Template.Spec = anyPod(t)
		full.Status.ObservedGeneration, full.Status.ReadyReplicas = rapid.Int64Range(0, 3).Draw(t, "observed"), rapid.Int32Range(0, 3).Draw(t, "ready")
		set := &appsv1.StatefulSet{ObjectMeta: full.ObjectMeta}
		set.Status.ObservedGeneration, set.Status.ReadyReplicas = full.Status.ObservedGeneration, full.Status.ReadyReplicas
		set.Spec.Replicas, set.Spec.Template.Spec = full.Spec.Replicas, full.Spec.Template.Spec
		for _, c := range []struct {
			strip func(any) (any, error)
			full  any
		}{{StripDeployment, full}, {Strip, set}} {
			kept, err := c.strip(c.full)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(SidecarsOf(kept)).To(Equal(SidecarsOf(c.full)))
			g.Expect(c.strip(kept)).To(Equal(kept))
		}
		g.Expect(len(SidecarsOf(full))).To(BeNumerically("<=", maxSidecars))
	})
}

// anyPod has containers with whatever values somebody can write into them.
func anyPod(t *rapid.T) (pod corev1.PodSpec) {
	always := corev1.ContainerRestartPolicyAlways
	for i := range rapid.IntRange(0, 8).Draw(t, "containers") {
		c := corev1.Container{Name: string(rune('a'+i)) + rapid.SampledFrom([]string{"-grafana", "-dashboard", ""}).Draw(t, "name"), Image: "x/grafana:1"}
		for _, name := range slices.Concat(readVariables, []string{"OTHER"}) {
			if rapid.IntRange(0, 3).Draw(t, "has "+name) > 0 {
				value := rapid.OneOf(rapid.SampledFrom([]string{"", "dashboards", "a,ALL", "LIST", "secret", "$(X)", strings.Repeat("a", 5000)}), rapid.String())
				c.Env = append(c.Env, corev1.EnvVar{Name: name, Value: value.Draw(t, name)})
			}
		}
		if rapid.IntRange(0, 4).Draw(t, "from") == 0 {
			c.Env = append(c.Env, corev1.EnvVar{Name: labelVariable, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "a"}}})
			c.EnvFrom = []corev1.EnvFromSource{{Prefix: "A"}}
		}
		if rapid.IntRange(0, 4).Draw(t, "init") == 0 {
			c.RestartPolicy = rapid.SampledFrom([]*corev1.ContainerRestartPolicy{nil, &always}).Draw(t, "policy")
			pod.InitContainers = append(pod.InitContainers, c)
		} else {
			pod.Containers = append(pod.Containers, c)
		}
	}
	return pod
}
