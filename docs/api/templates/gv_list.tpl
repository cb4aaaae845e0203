{{- define "gvList" -}}
# API reference

<!-- Written from api/v1alpha1 by `make generate`; the words are those of the Go types. -->

The types of the API, field by field, as `kubectl explain fluxmonitoring.spec --recursive` has them too. What the fields
do, and how they work together, is in the [specification](spec/fluxmonitoring.md).
{{ range . }}
{{ template "gvDetails" . }}
{{- end }}
{{- end -}}
