{{- define "type_members" -}}
{{- if eq .Name "metadata" -}}
Metadata of every Kubernetes object.
{{- else -}}
{{ template "text" .Doc }}
{{- end -}}
{{- end -}}
{{- /* text is a comment of the source as Markdown shows it, in one line. */ -}}
{{- define "text" -}}
{{ . | trim | replace "\n\n" "<br>" | replace "\n" " " | replace "|" "\\|" | replace "*" "\\*" | replace "_" "\\_" | replace "<" "&lt;" | replace "&lt;br>" "<br>" }}
{{- end -}}
