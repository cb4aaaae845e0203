package chart_test

import "testing"

func TestAnInvalidValueIsRefused(t *testing.T) {
	for values, message := range map[string]string{
		"replicas: 2":                                                  "additional properties 'replicas' not allowed",
		"image: {name: operator}":                                      "at '/image': additional properties 'name' not allowed",
		"image: {pullPolicy: Sometimes}":                               "at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'",
		"image: {digest: latest}":                                      "at '/image/digest': 'latest' does not match pattern '^(sha256:[a-f0-9]{64})?$'",
		"image: {tag: 'v1 '}":                                          "at '/image/tag': 'v1 ' does not match pattern",
		"image: {repository: ''}":                                      "at '/image/repository': '' does not match pattern",
		"imagePullSecrets: [registry]":                                 "at '/imagePullSecrets/0': got string, want object",
		"imagePullSecrets: [{secret: a}]":                              "at '/imagePullSecrets/0': missing property 'name'",
		"replicaCount: -1":                                             "at '/replicaCount': minimum: got -1, want 0",
		"replicaCount: '2'":                                            "at '/replicaCount': got string, want integer",
		"resources: {limit: {memory: 1Gi}}":                            "at '/resources': additional properties 'limit' not allowed",
		"resources: {limits: {memory: 1GB}}":                           "at '/resources/limits/memory': '1GB' does not match pattern",
		"nodeSelector: {gpu: true}":                                    "at '/nodeSelector/gpu': got boolean, want string",
		"tolerations: [{effect: Never}]":                               "at '/tolerations/0/effect': value must be one of 'NoSchedule', 'PreferNoSchedule', 'NoExecute'",
		"affinity: {node: {}}":                                         "at '/affinity': additional properties 'node' not allowed",
		"topologySpreadConstraints: [{}]":                              "at '/topologySpreadConstraints/0': missing properties 'maxSkew', 'topologyKey', 'whenUnsatisfiable'",
		"priorityClassName: [high]":                                    "at '/priorityClassName': got array, want string",
		"podLabels: {app.kubernetes.io/name: a}":                       "at '/podLabels/app.kubernetes.io~1name': false schema",
		"podAnnotations: {kubectl.kubernetes.io/default-container: a}": "at '/podAnnotations/kubectl.kubernetes.io~1default-container': false schema",
		"serviceAccount: {name: Operator}":                             "at '/serviceAccount/name': 'Operator' does not match pattern",
		"serviceAccount: {annotations: {a: 1}}":                        "at '/serviceAccount/annotations/a': got number, want string",
		"rbac: {enabled: false}":                                       "at '/rbac': additional properties 'enabled' not allowed",
		"rbac: {create: 'no'}":                                         "at '/rbac/create': got string, want boolean",
		"impersonation: false":                                         "at '/impersonation': got boolean, want object",
		"defaultServiceAccount: a/b":                                   "at '/defaultServiceAccount': 'a/b' does not match pattern",
		"leaderElection: {id: a}":                                      "at '/leaderElection': additional properties 'id' not allowed",
		"watchLabelSelector: {a: b}":                                   "at '/watchLabelSelector': got object, want string",
		"concurrent: 0":                                                "at '/concurrent': minimum: got 0, want 1",
		"maxSeries: -1":                                                "at '/maxSeries': minimum: got -1, want 0",
		"logLevel: trace":                                              "at '/logLevel': value must be one of 'debug', 'info', 'error', <nil>",
		"metrics: {secure: 'true'}":                                    "at '/metrics/secure': got string, want boolean",
		"metrics: {certificateSecret: a/b}":                            "at '/metrics/certificateSecret': 'a/b' does not match pattern",
		"extraArgs: [zap-devel]":                                       "at '/extraArgs/0': 'zap-devel' does not match pattern '^--'",
		"networkPolicy: {metricsNamespaces: []}":                       "at '/networkPolicy/metricsNamespaces': minItems: got 0, want 1",
		"networkPolicy: {metricsNamespaces: ['*']}":                    "at '/networkPolicy/metricsNamespaces/0': '*' does not match pattern",
		"networkPolicy: {apiServerPorts: []}":                          "at '/networkPolicy/apiServerPorts': minItems: got 0, want 1",
		"networkPolicy: {apiServerPorts: [65536]}":                     "at '/networkPolicy/apiServerPorts/0': maximum: got 65,536, want 65,535",
		"networkPolicy: {extraEgress: [{from: []}]}":                   "at '/networkPolicy/extraEgress/0': additional properties 'from' not allowed",
		"networkPolicy: {verifyPorts: [0]}":                            "at '/networkPolicy/verifyPorts/0': minimum: got 0, want 1",
		"verifyHosts: ['http://mimir']":                                "at '/verifyHosts/0': 'http://mimir' does not match pattern",
		"networkPolicy: {extraIngress: [{to: []}]}":                    "at '/networkPolicy/extraIngress/0': additional properties 'to' not allowed",
		"podDisruptionBudget: {maxUnavailable: half}":                  "at '/podDisruptionBudget/maxUnavailable': 'oneOf' failed, none matched",
		"podDisruptionBudget: {minAvailable: 1}":                       "at '/podDisruptionBudget': additional properties 'minAvailable' not allowed",
		"crds: {install: null, keep: never}":                           "at '/crds/keep': got string, want boolean",
		"fullnameOverride: Watcher":                                    "at '/fullnameOverride': 'Watcher' does not match pattern",
		"global: eu":                                                   "at '/global': got string, want object",
		"enabled: 'false'":                                             "at '/enabled': got string, want null or boolean",

		"leaderElection: {enabled: false}": "replicaCount is more than 1 without leaderElection.enabled: all replicas would write",
		"metrics: {certificateSecret: metrics-certificate}": "metrics.certificateSecret is a certificate for HTTPS, which metrics.secure " +
			"turns on: set both, or neither",
	} {
		t.Run(values, func(t *testing.T) {
			t.Parallel()
			refused(t, message, values)
		})
	}
}
