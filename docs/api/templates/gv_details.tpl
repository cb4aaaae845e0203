{{- define "gvDetails" -}}
{{- $gv := . -}}
## {{ $gv.GroupVersionString }}
{{ $first := list -}}
{{- range $kind := $gv.SortedKinds }}
{{- template "type" ($gv.TypeForKind $kind) }}
{{- $first = concat $first (list $kind (print $kind "Spec") (print $kind "Status")) }}
{{- range $gv.SortedTypes }}
{{- if or (eq .Name (print $kind "Spec")) (eq .Name (print $kind "Status")) }}{{ template "type" . }}{{ end }}
{{- end }}
{{- end }}
{{- range $gv.SortedTypes }}
{{- if not (has .Name $first) }}{{ template "type" . }}{{ end }}
{{- end }}
{{- end -}}
