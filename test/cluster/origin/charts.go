package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
)

// index of the Helm repository: one version of one chart.
const index = `apiVersion: v1
generated: "2026-01-01T00:00:00Z"
entries:
  hello:
  - apiVersion: v2
    name: hello
    version: 0.1.0
    created: "2026-01-01T00:00:00Z"
    digest: %x
    urls: [hello-0.1.0.tgz]
`

// helmRepository serves index.yaml and the chart it lists.
func helmRepository() (http.Handler, error) {
	chart, err := archive(map[string]string{
		"hello/Chart.yaml":               "apiVersion: v2\nname: hello\nversion: 0.1.0\n",
		"hello/values.yaml":              "greeting: world\n",
		"hello/templates/configmap.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting }}\n",
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/index.yaml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, index, sha256.Sum256(chart))
	})
	mux.HandleFunc("/hello-0.1.0.tgz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(chart) //nolint:errcheck // The client is gone.
	})
	return mux, nil
}
