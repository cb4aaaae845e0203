{{/* The names of the release's objects begin with this. */}}
{{- define "fluxmonitoring-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* The ServiceAccount that the operator runs as. */}}
{{- define "fluxmonitoring-operator.serviceAccountName" -}}
{{- $standard := ternary (include "fluxmonitoring-operator.fullname" .) "default" .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default $standard -}}
{{- end }}

{{/* The operator's account as the subject of a binding. */}}
{{- define "fluxmonitoring-operator.subject" -}}
kind: ServiceAccount
name: {{ include "fluxmonitoring-operator.serviceAccountName" . | quote }}
namespace: {{ .Release.Namespace | quote }}
{{- end }}

{{/* The operator's pods. The PodMonitors that the operator generates select the first label, so it is the same in every release. */}}
{{- define "fluxmonitoring-operator.selectorLabels" -}}
app.kubernetes.io/name: fluxmonitoring-operator
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* The labels of every object: those of config/, and what Helm's conventions add. */}}
{{- define "fluxmonitoring-operator.labels" -}}
{{ include "fluxmonitoring-operator.selectorLabels" . }}
app.kubernetes.io/part-of: fluxmonitoring
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The image, by its digest where there is one. */}}
{{- define "fluxmonitoring-operator.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}

{{/* The flags of the operator. A flag whose value is not set is left out: then the operator's own default holds. */}}
{{- define "fluxmonitoring-operator.args" -}}
{{- $name := include "fluxmonitoring-operator.fullname" . }}
{{- if .Values.leaderElection.enabled }}
- --leader-elect
{{- if ne $name "fluxmonitoring-operator" }}
- --leader-election-id={{ $name }}
{{- end }}
{{- end }}
{{- with .Values.trustedNamespaces }}
- {{ printf "--trusted-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- with .Values.stackNamespaces }}
- {{ printf "--stack-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- with .Values.verifyHosts }}
- {{ printf "--verify-hosts=%s" (join "," .) | quote }}
{{- end }}
{{- with .Values.rbac.namespaces }}
- {{ printf "--watch-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- if .Values.metrics.secure }}
- --metrics-secure
{{- end }}
{{- if .Values.metrics.certificateSecret }}
- --metrics-cert-dir=/etc/fluxmonitoring/metrics-certificate
{{- end }}
{{- with .Values.watchLabelSelector }}
- {{ printf "--watch-label-selector=%s" . | quote }}
{{- end }}
{{- with .Values.defaultServiceAccount }}
- --default-service-account={{ . }}
{{- end }}
{{- with .Values.concurrent }}
- --concurrent={{ int64 . }}
{{- end }}
{{- if not (kindIs "invalid" .Values.maxSeries) }}{{/* 0 is a value: no limit. */}}
- --max-series={{ int64 .Values.maxSeries }}
{{- end }}
{{- with .Values.logLevel }}
- --zap-log-level={{ . }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}
