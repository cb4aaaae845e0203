package chart_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/golden"
)

// inPodGone begins a line about a field that the pods of a release no longer have.
const inPodGone = "Deployment fluxmonitoring-operator: - spec.template.spec."

// effects are values, each by its path: testdata/effects.yaml has what it changes in the default release. A case beside the first of a value has
// words after it.
var effects = map[string]string{
	"image.repository":                       "image: {repository: registry.example.com/operator}",
	"image.tag":                              "image: {tag: v0.2.0}",
	"image.digest, which is more than a tag": "image: {tag: v0.2.0, digest: " + digest + "}",
	"image.pullPolicy":                       "image: {pullPolicy: Always}",
	"imagePullSecrets":                       "imagePullSecrets: [{name: registry}]",
	"replicaCount":                           "replicaCount: 3",
	"resources":                              "resources: {limits: {memory: 1Gi, cpu: 2}}",
	"nodeSelector":                           "nodeSelector: {pool: system}",
	"nodeSelector that drops the default":    "nodeSelector: {kubernetes.io/os: null}",
	"tolerations":                            "tolerations: [{key: system, operator: Exists, effect: NoSchedule}]",
	"affinity": "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [" +
		"{matchExpressions: [{key: arch, operator: Exists}]}]}}}",
	"topologySpreadConstraints": "topologySpreadConstraints: [{maxSkew: 2, topologyKey: zone, whenUnsatisfiable: DoNotSchedule}]",
	"topologySpreadConstraints with a selector": "topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, " +
		"whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {team: platform}}, matchLabelKeys: [pod-template-hash]}]",
	"priorityClassName":                  "priorityClassName: system-cluster-critical",
	"podLabels":                          "podLabels: {team: platform}",
	"podAnnotations":                     "podAnnotations: {team: platform}",
	"serviceAccount.create":              "serviceAccount: {create: false}",
	"serviceAccount.name":                "serviceAccount: {name: watcher}",
	"serviceAccount.annotations":         "serviceAccount: {annotations: {team: platform}}",
	"rbac.create":                        "rbac: {create: false}",
	"rbac.userRoles":                     "rbac: {userRoles: false}",
	"rbac.namespaces":                    "rbac: {namespaces: [default]}",
	"rbac.watchEvents":                   "rbac: {watchEvents: false}",
	"admissionPolicy.enabled":            "admissionPolicy: {enabled: false}",
	"impersonation.enabled":              "impersonation: {enabled: true}",
	"defaultServiceAccount":              "defaultServiceAccount: flux-monitoring",
	"trustedNamespaces":                  "trustedNamespaces: ['*']",
	"stackNamespaces":                    "stackNamespaces: [default]",
	"verifyHosts":                        "verifyHosts: [thanos-query.monitoring.svc, 'mimir:8080']",
	"leaderElection.enabled":             "{leaderElection: {enabled: false}, replicaCount: 1}",
	"watchLabelSelector":                 "watchLabelSelector: '!sharding.fluxcd.io/key'",
	"concurrent":                         "concurrent: 8",
	"maxSeries":                          "maxSeries: 2000000",
	"maxSeries without a limit":          "maxSeries: 0",
	"logLevel":                           "logLevel: debug",
	"metrics.secure":                     "metrics: {secure: true}",
	"metrics.certificateSecret":          "metrics: {secure: true, certificateSecret: metrics-certificate}",
	"extraArgs":                          "extraArgs: [--zap-encoder=console]",
	"networkPolicy.enabled":              "networkPolicy: {enabled: false}",
	"networkPolicy.metricsNamespaces":    "networkPolicy: {metricsNamespaces: [observability, '2026']}",
	"networkPolicy.apiServerPorts":       "networkPolicy: {apiServerPorts: [6443]}",
	"networkPolicy.extraIngress":         "networkPolicy: {extraIngress: [{from: [{podSelector: {matchLabels: {app: agent}}}], ports: [{port: 8082}]}]}",
	"networkPolicy.verifyPorts":          "networkPolicy: {verifyPorts: [9091]}",
	"networkPolicy.extraEgress":          "networkPolicy: {extraEgress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 8080}]}]}",
	"podDisruptionBudget.enabled":        "podDisruptionBudget: {enabled: false}",
	"podDisruptionBudget.maxUnavailable": "podDisruptionBudget: {maxUnavailable: 50%}",
	"crds.install":                       "crds: {install: false}",
	"crds.keep":                          "crds: {keep: false}",
	"global":                             "global: {region: eu}",
	"enabled":                            "enabled: false",
}

// elsewhere are the values whose effect another test shows.
var elsewhere = []string{"fullnameOverride"}

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestEffectsOfValuesMatchTheGoldenFile(t *testing.T) {
	standard := render(t)
	var lock sync.Mutex
	changed := map[string][]string{}
	t.Run("each", func(t *testing.T) {
		for path, values := range effects {
			t.Run(path, func(t *testing.T) {
				t.Parallel()
				of := changes(standard, render(t, values))
				lock.Lock()
				defer lock.Unlock()
				changed[path] = of
			})
		}
	})
	golden.YAML(t, "testdata/effects.yaml", changed)
}

func TestEachNamespaceOfRBACHasARoleBinding(t *testing.T) {
	var in []string
	for _, o := range render(t, "rbac: {namespaces: [shop, monitoring]}") {
		if o.GetKind() == "RoleBinding" && o.GetName() == "fluxmonitoring-operator-writer" {
			in = append(in, o.GetNamespace())
		}
	}
	NewWithT(t).Expect(in).To(Equal([]string{"shop", "monitoring"}))
}

// everyValue sets all values at once, but for those that take something away.
func everyValue() []string {
	var all []string
	for path, values := range effects {
		if !strings.Contains(path, " ") && !strings.HasSuffix(path, ".create") && !strings.HasSuffix(path, ".enabled") {
			all = append(all, values)
		}
	}
	slices.Sort(all)
	return all
}
