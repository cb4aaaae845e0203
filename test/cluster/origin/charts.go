package main

import (
	"crypto/sha256"
	"fmt"
	"net/http"
)

// greeting is a template of a chart: a ConfigMap named after the release.
const greeting = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  greeting: {{ .Values.greeting }}
`

// deployment is a template of a chart: a Deployment whose pod does nothing, and counts as available after some seconds.
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: 1
  minReadySeconds: {{ .Values.minReadySeconds }}
  selector:
    matchLabels:
      release: {{ .Release.Name }}
  template:
    metadata:
      labels:
        release: {{ .Release.Name }}
      annotations:
        revision: {{ .Values.revision | quote }}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: pause
        image: fluxmonitoring.dev/pause:1
`

// chart is one version of a chart of one template.
type chart struct{ name, version, values, template string }

var charts = []chart{
	{"hello", "0.1.0", "greeting: world\n", greeting},
	{"web", "0.1.0", "minReadySeconds: 0\nrevision: none\n", deployment},
	{"web", "0.2.0", "minReadySeconds: 0\nrevision: none\n", deployment},
}

// file is what the chart is downloaded as.
func (c chart) file() string { return c.name + "-" + c.version + ".tgz" }

// packed is the chart as `helm package` makes it.
func (c chart) packed() ([]byte, error) {
	return archive(map[string]string{
		c.name + "/Chart.yaml":             "apiVersion: v2\nname: " + c.name + "\nversion: " + c.version + "\n",
		c.name + "/values.yaml":            c.values,
		c.name + "/templates/objects.yaml": c.template,
	})
}

// entry is the chart in the index of a Helm repository.
func (c chart) entry(packed []byte) string {
	return fmt.Sprintf(`  - apiVersion: v2
    name: %s
    version: %s
    created: "2026-01-01T00:00:00Z"
    digest: %x
    urls: [%s]
`, c.name, c.version, sha256.Sum256(packed), c.file())
}

// helmRepository serves index.yaml and the charts it lists.
func helmRepository() (http.Handler, error) {
	mux := http.NewServeMux()
	index := "apiVersion: v1\ngenerated: \"2026-01-01T00:00:00Z\"\nentries:\n"
	for i, c := range charts {
		content, err := c.packed()
		if err != nil {
			return nil, err
		}
		if i == 0 || charts[i-1].name != c.name {
			index += "  " + c.name + ":\n"
		}
		index += c.entry(content)
		mux.HandleFunc("/"+c.file(), func(w http.ResponseWriter, _ *http.Request) {
			w.Write(content) //nolint:errcheck // The client is gone.
		})
	}
	mux.HandleFunc("/index.yaml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, index)
	})
	return mux, nil
}
