package chart

import (
	"encoding/json"
	"errors"

	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/config/bundle"
)

// Metadata is Chart.yaml.
type Metadata struct {
	APIVersion  string              `json:"apiVersion"`
	Name        string              `json:"name"`
	Type        string              `json:"type"`
	Description string              `json:"description"`
	Version     string              `json:"version"`
	AppVersion  string              `json:"appVersion"`
	KubeVersion string              `json:"kubeVersion"`
	Home        string              `json:"home"`
	Icon        string              `json:"icon"`
	Sources     []string            `json:"sources"`
	Keywords    []string            `json:"keywords"`
	Maintainers []bundle.Maintainer `json:"maintainers"`
	Annotations map[string]string   `json:"annotations"`
}

// metadata says what the bundle says of the version, in Helm's words and in those of Artifact Hub.
func metadata(given *sources) ([]byte, error) {
	csv := given.version
	repository := csv.Metadata.Annotations["repository"]
	if repository == "" {
		return nil, errors.New("the ClusterServiceVersion has no annotation repository")
	}
	annotations, err := artifactHub(given)
	if err != nil {
		return nil, err
	}
	return yaml.Marshal(Metadata{
		APIVersion:  "v2",
		Name:        operator,
		Type:        "application",
		Description: csv.Metadata.Annotations["description"],
		Version:     csv.Spec.Version,
		AppVersion:  "v" + csv.Spec.Version,
		KubeVersion: ">=" + csv.Spec.MinKubeVersion + "-0", // Providers add to the version of Kubernetes what looks like a pre-release.
		Home:        repository,
		Icon:        "https://raw.githubusercontent.com" + repository[len("https://github.com"):] + "/main/config/manifests/icon.svg",
		Sources:     []string{repository},
		Keywords:    csv.Spec.Keywords,
		Maintainers: csv.Spec.Maintainers,
		Annotations: annotations,
	})
}

// artifactHub are the annotations by which Artifact Hub shows more of a chart. Each holds YAML.
func artifactHub(given *sources) (map[string]string, error) {
	csv := given.version
	var definitions []map[string]string
	for _, d := range csv.Spec.Definitions.Owned {
		definitions = append(definitions, map[string]string{
			"kind": d.Kind, "version": d.Version, "name": d.Name, "displayName": d.DisplayName, "description": d.Description,
		})
	}
	var examples []any
	if err := json.Unmarshal([]byte(csv.Metadata.Annotations["alm-examples"]), &examples); err != nil {
		return nil, err
	}
	var links []map[string]string
	for _, l := range csv.Spec.Links {
		links = append(links, map[string]string{"name": l.Name, "url": l.URL})
	}
	all := map[string]string{
		"artifacthub.io/category":             "monitoring-logging",
		"artifacthub.io/operator":             "true",
		"artifacthub.io/operatorCapabilities": csv.Metadata.Annotations["capabilities"],
	}
	for name, content := range map[string]any{"crds": definitions, "crdsExamples": examples, "images": csv.Spec.RelatedImages, "links": links} {
		text, err := yaml.Marshal(content)
		if err != nil {
			return nil, err
		}
		all["artifacthub.io/"+name] = string(text)
	}
	return all, nil
}
