{{/* The names that upstream gives: the release and the chart in 26 characters. */}}
{{- define "fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- default $full .Values.fullnameOverride | trunc 26 | trimSuffix "-" -}}
{{- end }}

{{/* The name of the object of prometheus-operator: by a root and a suffix. */}}
{{- define "crname" -}}
{{- $full := include "fullname" .root -}}
{{- .root.Values.cleanPrometheusOperatorObjectNames | ternary $full (printf "%s-%s" $full .suffix) -}}
{{- end }}

{{- define "labels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ replace "+" "_" .Chart.Version | quote }}
app.kubernetes.io/part-of: kube-prometheus-stack
chart: {{ .Chart.Name }}-{{ replace "+" "_" .Chart.Version }}
release: {{ .Release.Name | quote }}
heritage: {{ .Release.Service }}
{{- end }}

{{- define "image" -}}
{{ .registry }}/{{ .repository }}:{{ .tag }}
{{- end }}

{{/* A selector of objects: by a root, a spec and the name of the kind. */}}
{{- define "selector" -}}
{{- $own := dict "matchLabels" (dict "release" .root.Release.Name) -}}
{{- $given := index .spec (printf "%sSelector" .of) -}}
{{- if $given }}{{ toJson $given }}
{{- else if index .spec (printf "%sSelectorNilUsesHelmValues" .of) }}{{ toJson $own }}
{{- else }}{}{{ end }}
{{- end }}

{{- define "restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "nobody" -}}
runAsNonRoot: true
runAsUser: 65534
runAsGroup: 65534
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* A ServiceAccount and what it may do: by a root, a name and rules. */}}
{{- define "account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "labels" .root | nindent 4 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .name }}
  labels:
    {{- include "labels" .root | nindent 4 }}
rules:
{{ .rules }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .name }}
  labels:
    {{- include "labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ .name }}
subjects:
- kind: ServiceAccount
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
{{- end }}

{{/* What each program may do. */}}
{{- define "operator.rules" -}}
- {apiGroups: [monitoring.coreos.com], resources: ["*"], verbs: ["*"]}
- {apiGroups: [apps], resources: [statefulsets], verbs: ["*"]}
- {apiGroups: [""], resources: [configmaps, secrets], verbs: ["*"]}
- {apiGroups: [""], resources: [pods], verbs: [list, delete]}
- {apiGroups: [""], resources: [services, services/finalizers, endpoints], verbs: [get, create, update, delete]}
- {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
- {apiGroups: [""], resources: [namespaces], verbs: [get, list, watch]}
- {apiGroups: ["", events.k8s.io], resources: [events], verbs: [patch, create]}
- {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}
- {apiGroups: [storage.k8s.io], resources: [storageclasses], verbs: [get]}
{{- end }}

{{- define "prometheus.rules" -}}
- {apiGroups: [""], resources: [nodes, nodes/metrics, services, endpoints, pods], verbs: [get, list, watch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}
- {apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [get, list, watch]}
- {nonResourceURLs: [/metrics, /metrics/cadvisor], verbs: [get]}
{{- end }}

{{- define "state.rules" -}}
- {apiGroups: [""], resources: [namespaces], verbs: [list, watch]}
- {apiGroups: [apps], resources: [deployments], verbs: [list, watch]}
{{- if .customResourceState.enabled }}
- {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [list, watch]}
{{- end }}
{{- with .rbac.extraRules }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "grafana.rules" -}}
- {apiGroups: [""], resources: [configmaps, secrets], verbs: [get, list, watch]}
{{- end }}
