{{- define "type" -}}
{{- $type := . -}}
{{- if markdownShouldRenderType $type }}
### {{ $type.Name }}

{{ template "text" $type.Doc }}
{{- if $type.IsAlias }} A {{ markdownRenderTypeLink $type.UnderlyingType }}{{ template "limits" (dict "of" $type.Validation "before" ": " "after" ".") }}
{{- end }}
{{- if $type.References }}

Used by {{ range $i, $r := $type.SortedReferences }}{{ if $i }}, {{ end }}{{ markdownRenderTypeLink $r }}{{ end }}.
{{- end }}
{{- with index $type.Markers "kubebuilder:validation:XValidation" }}

Refused otherwise:
{{ range . }}
- {{ template "text" .Message }}
{{- end }}
{{- end }}
{{- if $type.Members }}

| field | description | default | validation |
|---|---|---|---|
{{- if $type.GVK }}
| `apiVersion`<br>string | `{{ $type.GVK.Group }}/{{ $type.GVK.Version }}` | | |
| `kind`<br>string | `{{ $type.GVK.Kind }}` | | |
{{- end }}
{{- range $type.Members }}
| `{{ .Name }}`<br>{{ markdownRenderType .Type }} | {{ template "type_members" . }} | {{ if .Default }}`{{ .Default }}`{{ end }} | {{ template "validation" . }} |
{{- end }}
{{- end }}
{{- if and $type.EnumValues (index $type.Markers "kubebuilder:validation:Enum") }}

| value | meaning |
|---|---|
{{- range $type.EnumValues }}
{{- $meaning := regexReplaceAll "^\\S+ (is |are )?" (trim .Doc) "" }}
| `{{ .Name }}` | {{ substr 0 1 $meaning | upper }}{{ template "text" (substr 1 -1 $meaning) }} |
{{- end }}
{{- end }}
{{ end -}}
{{- end -}}
