{{/* The operator's flags that are values. A Lease has the release's name, where that is not the flag's default. */}}
{{- define "fluxmonitoring-operator.arguments" -}}
{{- if .Values.leaderElection.enabled }}
- --leader-elect
{{- if ne (include "fluxmonitoring-operator.fullname" .) "fluxmonitoring-operator" }}
- --leader-election-id={{ include "fluxmonitoring-operator.fullname" . }}
{{- end }}
{{- else if gt (int .Values.replicaCount) 1 }}
{{- fail "replicaCount is more than 1 without leaderElection.enabled: all replicas would write" }}
{{- end }}
{{- with .Values.trustedNamespaces }}
- {{ printf "--trusted-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- with .Values.rbac.namespaces }}
- {{ printf "--watch-namespaces=%s" (join "," .) | quote }}
{{- end }}
{{- if .Values.metrics.secure }}
- --metrics-secure
{{- if .Values.metrics.certificateSecret }}
- --metrics-cert-dir=/etc/fluxmonitoring/metrics-certificate
{{- end }}
{{- else if .Values.metrics.certificateSecret }}
{{- fail "metrics.certificateSecret is a certificate for HTTPS, which metrics.secure turns on: set both, or neither" }}
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
{{- if not (kindIs "invalid" .Values.maxSeries) }}
- --max-series={{ int64 .Values.maxSeries }}
{{- end }}
{{- with .Values.logLevel }}
- --zap-log-level={{ . }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}
