package chart_test

import (
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

const inPod = "Deployment fluxmonitoring-operator: + spec.template.spec."
const inPodChanged = "Deployment fluxmonitoring-operator: spec.template.spec."
const inPodGone = "Deployment fluxmonitoring-operator: - spec.template.spec."
const firstOwn = inPod + "containers[operator].args[2]: "

// wasAccount is whom a policy binds in the default release.
const wasAccount = "was request.userInfo.username == 'system:serviceaccount:fluxmonitoring-system:fluxmonitoring-operator'"

// effects are what values change in the default release. Each is by the path of a value; a case beside the first of
// a value has words after it.
var effects = map[string]struct {
	values  string
	changes []string
}{
	"image.repository": {"image: {repository: registry.example.com/operator}", []string{
		inPodChanged + "containers[operator].image: registry.example.com/operator:v0.1.0, was ghcr.io/fluxmonitoring/operator:v0.1.0",
	}},
	"image.tag": {"image: {tag: v0.2.0}", []string{
		inPodChanged + "containers[operator].image: ghcr.io/fluxmonitoring/operator:v0.2.0, was ghcr.io/fluxmonitoring/operator:v0.1.0",
	}},
	"image.digest, which is more than a tag": {"image: {tag: v0.2.0, digest: " + digest + "}", []string{
		inPodChanged + "containers[operator].image: ghcr.io/fluxmonitoring/operator@" + digest + ", was ghcr.io/fluxmonitoring/operator:v0.1.0",
	}},
	"image.pullPolicy": {"image: {pullPolicy: Always}", []string{inPodChanged + "containers[operator].imagePullPolicy: Always, was IfNotPresent"}},
	"imagePullSecrets": {"imagePullSecrets: [{name: registry}]", []string{inPod + "imagePullSecrets[registry].name: registry"}},
	"replicaCount":     {"replicaCount: 3", []string{"Deployment fluxmonitoring-operator: spec.replicas: 3, was 2"}},
	"resources": {"resources: {limits: {memory: 1Gi, cpu: 2}}", []string{
		inPod + "containers[operator].resources.limits.cpu: 2",
		inPodChanged + "containers[operator].resources.limits.memory: 1Gi, was 512Mi",
	}},
	"nodeSelector":                        {"nodeSelector: {pool: system}", []string{inPod + "nodeSelector.pool: system"}},
	"nodeSelector that drops the default": {"nodeSelector: {kubernetes.io/os: null}", []string{inPodGone + "nodeSelector.kubernetes.io/os: linux"}},
	"tolerations": {"tolerations: [{key: system, operator: Exists, effect: NoSchedule}]", []string{
		inPod + "tolerations[0].effect: NoSchedule", inPod + "tolerations[0].key: system", inPod + "tolerations[0].operator: Exists",
	}},
	"affinity": {"affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [" +
		"{matchExpressions: [{key: arch, operator: Exists}]}]}}}", []string{
		inPod + "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: arch",
		inPod + "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Exists",
	}},
	"topologySpreadConstraints": {"topologySpreadConstraints: [{maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]", []string{
		inPodGone + "topologySpreadConstraints[0].matchLabelKeys[0]: pod-template-hash",
		inPodChanged + "topologySpreadConstraints[0].maxSkew: 2, was 1",
		inPodChanged + "topologySpreadConstraints[0].topologyKey: zone, was kubernetes.io/hostname",
		inPodChanged + "topologySpreadConstraints[0].whenUnsatisfiable: DoNotSchedule, was ScheduleAnyway",
	}},
	"topologySpreadConstraints with a selector": {"topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, " +
		"whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {team: platform}}, matchLabelKeys: [pod-template-hash]}]", []string{
		inPodGone + "topologySpreadConstraints[0].labelSelector.matchLabels.app.kubernetes.io/instance: fluxmonitoring-operator",
		inPodGone + "topologySpreadConstraints[0].labelSelector.matchLabels.app.kubernetes.io/name: fluxmonitoring-operator",
		inPod + "topologySpreadConstraints[0].labelSelector.matchLabels.team: platform",
	}},
	"priorityClassName": {"priorityClassName: system-cluster-critical", []string{inPod + "priorityClassName: system-cluster-critical"}},
	"podLabels": {"podLabels: {team: platform}", []string{
		"Deployment fluxmonitoring-operator: + spec.template.metadata.labels.team: platform",
	}},
	"podAnnotations": {"podAnnotations: {team: platform}", []string{
		"Deployment fluxmonitoring-operator: + spec.template.metadata.annotations.team: platform",
	}},
	"serviceAccount.create": {"serviceAccount: {create: false}", []string{
		"- ServiceAccount fluxmonitoring-operator",
		"ClusterRoleBinding fluxmonitoring-operator: subjects[0].name: default, was fluxmonitoring-operator",
		"ClusterRoleBinding fluxmonitoring-operator-writer: subjects[0].name: default, was fluxmonitoring-operator",
		inPodChanged + "serviceAccountName: default, was fluxmonitoring-operator",
		"RoleBinding fluxmonitoring-operator-leader-election: subjects[0].name: default, was fluxmonitoring-operator",
		"ValidatingAdmissionPolicy fluxmonitoring-operator-events: spec.matchConditions[operator].expression: " +
			"request.userInfo.username == 'system:serviceaccount:fluxmonitoring-system:default', " + wasAccount,
		"ValidatingAdmissionPolicy fluxmonitoring-operator-generated: spec.matchConditions[operator].expression: " +
			"request.userInfo.username == 'system:serviceaccount:fluxmonitoring-system:default', " + wasAccount,
		"ValidatingAdmissionPolicy fluxmonitoring-operator-leases: spec.matchConditions[operator].expression: " +
			"request.userInfo.username == 'system:serviceaccount:fluxmonitoring-system:default', " + wasAccount,
	}},
	"serviceAccount.name": {"serviceAccount: {name: watcher}", []string{
		"- ServiceAccount fluxmonitoring-operator",
		"ClusterRoleBinding fluxmonitoring-operator: subjects[0].name: watcher, was fluxmonitoring-operator",
		"ClusterRoleBinding fluxmonitoring-operator-writer: subjects[0].name: watcher, was fluxmonitoring-operator",
		inPodChanged + "serviceAccountName: watcher, was fluxmonitoring-operator",
		"RoleBinding fluxmonitoring-operator-leader-election: subjects[0].name: watcher, was fluxmonitoring-operator",
		"+ ServiceAccount watcher",
		"ValidatingAdmissionPolicy fluxmonitoring-operator-events: spec.matchConditions[operator].expression: " +
			"request.userInfo.username == 'system:serviceaccount:fluxmonitoring-system:watcher', " + wasAccount,
		"ValidatingAdmissionPolicy fluxmonitoring-operator-generated: spec.matchConditions[operator].expression: " +
			"request.userInfo.username == 'system:serviceaccount:fluxmonitoring-system:watcher', " + wasAccount,
		"ValidatingAdmissionPolicy fluxmonitoring-operator-leases: spec.matchConditions[operator].expression: " +
			"request.userInfo.username == 'system:serviceaccount:fluxmonitoring-system:watcher', " + wasAccount,
	}},
	"serviceAccount.annotations": {"serviceAccount: {annotations: {team: platform}}", []string{
		"ServiceAccount fluxmonitoring-operator: + metadata.annotations.team: platform",
	}},
	"rbac.create": {"rbac: {create: false}", []string{
		"- ClusterRole fluxmonitoring-editor",
		"- ClusterRole fluxmonitoring-metrics-reader",
		"- ClusterRole fluxmonitoring-operator",
		"- ClusterRole fluxmonitoring-operator-writer",
		"- ClusterRole fluxmonitoring-viewer",
		"- ClusterRoleBinding fluxmonitoring-operator",
		"- ClusterRoleBinding fluxmonitoring-operator-writer",
		"- Role fluxmonitoring-operator-leader-election",
		"- RoleBinding fluxmonitoring-operator-leader-election",
	}},
	"rbac.userRoles": {"rbac: {userRoles: false}", []string{
		"- ClusterRole fluxmonitoring-editor", "- ClusterRole fluxmonitoring-metrics-reader", "- ClusterRole fluxmonitoring-viewer",
	}},
	"rbac.namespaces": {"rbac: {namespaces: [default]}", []string{
		"- ClusterRoleBinding fluxmonitoring-operator-writer",
		firstOwn + "--watch-namespaces=default",
		"+ RoleBinding fluxmonitoring-operator-writer",
	}},
	"admissionPolicy.enabled": {"admissionPolicy: {enabled: false}", []string{
		"- ValidatingAdmissionPolicy fluxmonitoring-operator-events",
		"- ValidatingAdmissionPolicy fluxmonitoring-operator-generated",
		"- ValidatingAdmissionPolicy fluxmonitoring-operator-leases",
		"- ValidatingAdmissionPolicyBinding fluxmonitoring-operator-events",
		"- ValidatingAdmissionPolicyBinding fluxmonitoring-operator-generated",
		"- ValidatingAdmissionPolicyBinding fluxmonitoring-operator-leases",
	}},
	"impersonation.enabled": {"impersonation: {enabled: true}", []string{
		"+ ClusterRole fluxmonitoring-operator-impersonation", "+ ClusterRoleBinding fluxmonitoring-operator-impersonation",
	}},
	"defaultServiceAccount": {"defaultServiceAccount: flux-monitoring", []string{firstOwn + "--default-service-account=flux-monitoring"}},
	"trustedNamespaces": {"trustedNamespaces: ['*']", []string{
		"Deployment fluxmonitoring-operator: spec.template.spec.containers[operator].args[1]: --trusted-namespaces=*, was --trusted-namespaces=monitoring,flux-system",
		`ValidatingAdmissionPolicy fluxmonitoring-operator-generated: spec.variables[adopting].expression: ["*","fluxmonitoring-system"], ` +
			`was ["monitoring","flux-system","fluxmonitoring-system"]`,
	}},
	"leaderElection.enabled": {"{leaderElection: {enabled: false}, replicaCount: 1}", []string{
		"- Role fluxmonitoring-operator-leader-election",
		"- RoleBinding fluxmonitoring-operator-leader-election",
		"Deployment fluxmonitoring-operator: spec.replicas: 1, was 2",
		"Deployment fluxmonitoring-operator: spec.template.spec.containers[operator].args[0]: --trusted-namespaces=monitoring,flux-system, was --leader-elect",
		inPodGone + "containers[operator].args[1]: --trusted-namespaces=monitoring,flux-system",
	}},
	"watchLabelSelector":        {"watchLabelSelector: '!sharding.fluxcd.io/key'", []string{firstOwn + "--watch-label-selector=!sharding.fluxcd.io/key"}},
	"concurrent":                {"concurrent: 8", []string{firstOwn + "--concurrent=8"}},
	"maxSeries":                 {"maxSeries: 2000000", []string{firstOwn + "--max-series=2000000"}},
	"maxSeries without a limit": {"maxSeries: 0", []string{firstOwn + "--max-series=0"}},
	"logLevel":                  {"logLevel: debug", []string{firstOwn + "--zap-log-level=debug"}},
	"metrics.secure": {"metrics: {secure: true}", []string{
		"+ ClusterRole fluxmonitoring-operator-metrics-auth",
		"+ ClusterRoleBinding fluxmonitoring-operator-metrics-auth",
		firstOwn + "--metrics-secure",
	}},
	"metrics.certificateSecret": {"metrics: {secure: true, certificateSecret: metrics-certificate}", []string{
		"+ ClusterRole fluxmonitoring-operator-metrics-auth",
		"+ ClusterRoleBinding fluxmonitoring-operator-metrics-auth",
		firstOwn + "--metrics-secure",
		inPod + "containers[operator].args[3]: --metrics-cert-dir=/etc/fluxmonitoring/metrics-certificate",
		inPod + "containers[operator].volumeMounts[metrics-certificate].mountPath: /etc/fluxmonitoring/metrics-certificate",
		inPod + "containers[operator].volumeMounts[metrics-certificate].name: metrics-certificate",
		inPod + "containers[operator].volumeMounts[metrics-certificate].readOnly: true",
		inPod + "volumes[metrics-certificate].name: metrics-certificate",
		inPod + "volumes[metrics-certificate].secret.secretName: metrics-certificate",
	}},
	"extraArgs":             {"extraArgs: [--zap-encoder=console]", []string{firstOwn + "--zap-encoder=console"}},
	"networkPolicy.enabled": {"networkPolicy: {enabled: false}", []string{"- NetworkPolicy fluxmonitoring-operator"}},
	"networkPolicy.metricsNamespaces": {"networkPolicy: {metricsNamespaces: [observability, '2026']}", []string{
		"NetworkPolicy fluxmonitoring-operator: " + metricsNamespaces + "[0]: observability, was flux-system",
		"NetworkPolicy fluxmonitoring-operator: " + metricsNamespaces + "[1]: 2026, was monitoring",
	}},
	"networkPolicy.apiServerPorts": {"networkPolicy: {apiServerPorts: [6443]}", []string{
		"NetworkPolicy fluxmonitoring-operator: spec.egress[0].ports[0].port: 6443, was 443",
		"NetworkPolicy fluxmonitoring-operator: - spec.egress[0].ports[1].port: 6443",
		"NetworkPolicy fluxmonitoring-operator: - spec.egress[0].ports[1].protocol: TCP",
		"NetworkPolicy fluxmonitoring-operator: - spec.egress[0].ports[2].port: 8443",
		"NetworkPolicy fluxmonitoring-operator: - spec.egress[0].ports[2].protocol: TCP",
		"NetworkPolicy fluxmonitoring-operator: - spec.egress[0].ports[3].port: 16443",
		"NetworkPolicy fluxmonitoring-operator: - spec.egress[0].ports[3].protocol: TCP",
	}},
	"networkPolicy.extraIngress": {"networkPolicy: {extraIngress: [{from: [{podSelector: {matchLabels: {app: agent}}}], ports: [{port: 8082}]}]}",
		[]string{
			"NetworkPolicy fluxmonitoring-operator: + spec.ingress[1].from[0].podSelector.matchLabels.app: agent",
			"NetworkPolicy fluxmonitoring-operator: + spec.ingress[1].ports[0].port: 8082",
		}},
	"podDisruptionBudget.enabled": {"podDisruptionBudget: {enabled: false}", []string{"- PodDisruptionBudget fluxmonitoring-operator"}},
	"podDisruptionBudget.maxUnavailable": {"podDisruptionBudget: {maxUnavailable: 50%}", []string{
		"PodDisruptionBudget fluxmonitoring-operator: spec.maxUnavailable: 50%, was 1",
	}},
	"crds.install": {"crds: {install: false}", []string{"- CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev"}},
	"crds.keep": {"crds: {keep: false}", []string{
		"CustomResourceDefinition fluxmonitorings.fluxmonitoring.dev: - metadata.annotations.helm.sh/resource-policy: keep",
	}},
	"global":  {"global: {region: eu}", nil},
	"enabled": {"enabled: false", nil},
}

// elsewhere are the values whose effect another test shows.
var elsewhere = []string{"fullnameOverride"}

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// metricsNamespaces is where a NetworkPolicy has the namespaces that may read metrics.
const metricsNamespaces = "spec.ingress[0].from[0].namespaceSelector.matchExpressions[0].values"

func TestAValueChangesWhatItIsForAndNothingElse(t *testing.T) {
	standard := render(t)
	for sentence, c := range effects {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			NewWithT(t).Expect(changes(standard, render(t, c.values))).To(Equal(c.changes))
		})
	}
}

func TestEachNamespaceThatIsNamedHasTheRightsToWriteInIt(t *testing.T) {
	var in []string
	for _, o := range render(t, "rbac: {namespaces: [shop, monitoring]}") {
		if o.GetKind() == "RoleBinding" && o.GetName() == "fluxmonitoring-operator-writer" {
			in = append(in, o.GetNamespace())
		}
	}
	NewWithT(t).Expect(in).To(Equal([]string{"shop", "monitoring"}))
}

func TestSeveralReplicasWithoutALeaderAreRefused(t *testing.T) {
	_, err := tryRender(t, operator, system, "leaderElection: {enabled: false}")
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("replicaCount is more than 1 without leaderElection.enabled: all replicas would write")))
}

func TestACertificateForPlainHTTPIsRefused(t *testing.T) {
	_, err := tryRender(t, operator, system, "metrics: {certificateSecret: metrics-certificate}")
	NewWithT(t).Expect(err).To(MatchError(ContainSubstring("metrics.certificateSecret is a certificate for HTTPS, which metrics.secure turns on: " +
		"set both, or neither")))
}

// everyValue sets all values at once, but for those that take something away.
func everyValue() []string {
	var all []string
	for sentence, c := range effects {
		if !strings.Contains(sentence, " ") && !strings.HasSuffix(sentence, ".create") && !strings.HasSuffix(sentence, ".enabled") {
			all = append(all, c.values)
		}
	}
	slices.Sort(all)
	return all
}
