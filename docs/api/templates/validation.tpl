{{- /* validation is what the value of a field must be. What holds of every value of a type with a section of its own is told there. */ -}}
{{- define "validation" -}}
{{- $optional := or (has "Optional: {}" .Validation) (has .Name (list "metadata" "spec" "status")) -}}
{{- $local := contains "](#" (markdownRenderType .Type) -}}
{{- if not $optional }}required{{ end -}}
{{- template "limits" (dict "of" .Validation "before" (ternary "" "; " $optional) "after" "" "items" $local) -}}
{{- if not $local -}}
{{- range $i, $v := index .Markers "kubebuilder:validation:XValidation" }}<br>{{ template "text" $v.Message }}{{ end -}}
{{- end -}}
{{- end -}}
{{- /* limits are the bounds of a value in words; of a list with items of a type that has a section, how many. */ -}}
{{- define "limits" -}}
{{- $items := .items -}}
{{- $all := list -}}
{{- range .of -}}
{{- if hasPrefix "MinItems: " . }}{{ $all = append $all (printf "at least %s" (trimPrefix "MinItems: " .)) }}{{ end -}}
{{- if hasPrefix "MaxItems: " . }}{{ $all = append $all (printf "at most %s" (trimPrefix "MaxItems: " .)) }}{{ end -}}
{{- if not $items -}}
{{- if hasPrefix "MinLength: " . }}{{ $all = append $all (printf "length at least %s" (trimPrefix "MinLength: " .)) }}{{ end -}}
{{- if hasPrefix "MaxLength: " . }}{{ $all = append $all (printf "length at most %s" (trimPrefix "MaxLength: " .)) }}{{ end -}}
{{- if hasPrefix "Pattern: " . }}{{ $all = append $all (printf "matches %s" (trimPrefix "Pattern: " .)) }}{{ end -}}
{{- if hasPrefix "Enum: [" . }}{{ $all = append $all (printf "one of `%s`" (. | trimPrefix "Enum: [" | trimSuffix "]" | replace " " "`, `")) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if $all }}{{ .before }}{{ join "; " $all }}{{ end }}{{ .after -}}
{{- end -}}
