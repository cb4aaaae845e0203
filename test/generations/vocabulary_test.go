package generations

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// installation is a Flux of this controller alone. Only the tag of its image has a version.
func installation(component, version string) flux.Installation {
	return flux.Installation{
		Namespace:   "flux-system",
		Controllers: []flux.Controller{{Name: component, App: component, Component: component, Version: "v" + version}},
	}
}

// samples are the series of a recording by the names of their samples. A series is its labels, spelled as after a scrape.
type samples map[string][]map[string]string

// read parses a controller's recording.
func read(t *testing.T, component, version string) samples {
	t.Helper()
	g := NewWithT(t)
	file, err := os.Open(filepath.Join("..", "testdata", "metrics", component+"-"+version+".txt"))
	g.Expect(err).NotTo(HaveOccurred())
	defer file.Close() //nolint:errcheck // It is only read.
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(file)
	g.Expect(err).NotTo(HaveOccurred())
	found := samples{}
	for _, family := range families {
		vector, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, family)
		g.Expect(err).NotTo(HaveOccurred())
		for _, s := range vector {
			series := map[string]string{}
			for name, value := range s.Metric {
				if value != "" { // An empty label is none.
					series[afterScrape(string(name))] = string(value)
				}
			}
			name := series["__name__"]
			delete(series, "__name__")
			found[name] = append(found[name], series)
		}
	}
	return found
}

// afterScrape is how a label is spelled once Prometheus has set the pod's namespace beside the object's.
func afterScrape(label string) string {
	if label == flux.LabelNamespace {
		return flux.LabelObjectNamespace
	}
	return label
}

// objects returns the names of the kind's objects that the metric has series of, sorted.
func (s samples) objects(metric, kind string) []string {
	var names []string
	for _, series := range s[metric] {
		if series[flux.LabelKind] == kind && series[flux.LabelObjectNamespace] == "apps" {
			names = append(names, series[flux.LabelName])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// labels returns the names of the labels that series of the metric have, sorted.
func (s samples) labels(metric string) []string {
	var names []string
	for _, series := range s[metric] {
		for name := range series {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func without(all []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(some, one) })
}
