//go:build e2e

package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// dashboard is what Grafana reads of a dashboard to ask for data.
type dashboard struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
	Time  struct {
		From string `json:"from"`
	} `json:"time"`
	Templating struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Panels []panel `json:"panels"`
}

// variable is one the viewer chooses.
type variable struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	Definition string `json:"definition"`
	AllValue   string `json:"allValue"`
}

// panel is a panel, or a row that holds some.
type panel struct {
	Title           string           `json:"title"`
	Type            string           `json:"type"`
	Interval        string           `json:"interval"`
	Panels          []panel          `json:"panels"`
	Targets         []target         `json:"targets"`
	Transformations []transformation `json:"transformations"`
	FieldConfig     struct {
		Defaults struct {
			NoValue string `json:"noValue"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

// target is one query of a panel.
type target struct {
	Expr    string `json:"expr"`
	Legend  string `json:"legendFormat"`
	Instant bool   `json:"instant"`
}

// transformation is what a table does with the answers.
type transformation struct {
	ID      string `json:"id"`
	Options struct {
		RenameByName map[string]string `json:"renameByName"`
	} `json:"options"`
}

// window is the time range the dashboard opens with.
func (d dashboard) window() (time.Duration, error) {
	return time.ParseDuration(strings.TrimPrefix(d.Time.From, "now-"))
}

// step is the resolution a panel asks for: a point for every other pixel of a panel of half the width of a page, but no finer than
// it has as its interval, or than Grafana assumes that the data source scrapes.
func (p panel) step(window time.Duration) (time.Duration, error) {
	finest := 15 * time.Second
	if p.Interval != "" {
		own, err := time.ParseDuration(p.Interval)
		if err != nil {
			return 0, err
		}
		finest = max(finest, own)
	}
	return max(finest, window/400), nil
}

// columns are the labels a table has columns for.
func (p panel) columns() []string {
	var labels []string
	for _, t := range p.Transformations {
		for field := range t.Options.RenameByName {
			if !strings.HasPrefix(field, "Value") {
				labels = append(labels, field)
			}
		}
	}
	slices.Sort(labels)
	return labels
}

// title identifies a target in its dashboard.
func (p panel) title(t target) string {
	if t.Legend == "" {
		return p.Title
	}
	return p.Title + ": " + t.Legend
}

// dashboards are those in the ConfigMaps of the cluster, as Grafana's sidecar finds them.
func (c *testCluster) dashboards(t *testing.T) []dashboard {
	t.Helper()
	list := &corev1.ConfigMapList{}
	must(t, c.List(t.Context(), list, ours...))
	var all []dashboard
	for _, m := range list.Items {
		if m.Labels["grafana_dashboard"] != "1" {
			t.Errorf("the sidecar would not find %s by its labels: %s", m.Name, m.Labels)
		}
		for _, model := range m.Data {
			d := dashboard{}
			must(t, json.Unmarshal([]byte(model), &d))
			all = append(all, d)
		}
	}
	return all
}

// all panels of the dashboard that ask for something.
func (d dashboard) all() []panel {
	var found []panel
	for _, p := range d.Panels {
		for _, one := range append(p.Panels, p) {
			if len(one.Targets) > 0 {
				found = append(found, one)
			}
		}
	}
	return found
}

// viewer is what variables stand for.
type viewer map[string]string

// grafana are the variables of Grafana itself, in a browser that shows a time range in steps, with a data source as it is when
// it has no scrape interval: it assumes every 15 s, and its rate interval is four times that at least.
func grafana(window, step time.Duration) viewer {
	return viewer{
		"datasource": "prometheus", "__rate_interval": max(time.Minute, step+15*time.Second).String(), "__interval": step.String(),
		"__range": fmt.Sprintf("%ds", int(window.Seconds())),
	}
}

// choosing returns the viewer who has chosen a value too.
func (v viewer) choosing(variable, value string) viewer {
	more := maps.Clone(v)
	more[variable] = value
	return more
}

// reference is how a variable is referred to.
var reference = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(?::\w+)?\})`)

// expand puts in the values of variables. Unknown ones stay, and Prometheus refuses them.
func (v viewer) expand(text string) string {
	return reference.ReplaceAllStringFunc(text, func(found string) string {
		parts := reference.FindStringSubmatch(found)
		if value, known := v[parts[1]+parts[2]]; known {
			return value
		}
		return found
	})
}

// labelValues matches the query of a variable.
var labelValues = regexp.MustCompile(`^label_values\((.*), *(\w+)\)$`)

// anyOf is how Grafana writes several chosen values into a regular expression.
func anyOf(values []string) string {
	var quoted []string
	for _, value := range values {
		quoted = append(quoted, strings.ReplaceAll(regexp.QuoteMeta(value), `\`, `\\`))
	}
	return "(" + strings.Join(quoted, "|") + ")"
}
