package dashboards

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/golden"
)

// introduction is the prose of the reference, with two quotation marks for each of Markdown's of code.
const introduction = `# Dashboards

<!-- Written from the catalogue by: go test ./internal/dashboards -run Reference -update -->

What the operator brings to Grafana, as it is on a current Flux with all its controllers. A cluster gets the panels that have data
there: those of absent controllers and of absent metrics are left out. The pictures are of the end-to-end tests' cluster, that
of Flux Fleet is of made-up series, and all are drawn by Grafana's own libraries ([test/preview](../test/preview/README.md)). They were
taken at commit a85f579. Since then the operator has two replicas, so *Flux Monitoring* shows one pod at a time and a gap that there no longer is;
lines are drawn only where an alert fires; and the panel *Retries* is gone, and *Time in Work Queue* is no longer blank.

- Every table of objects leads to [Flux Resource](#flux-resource) by a click on a name; every dashboard leads to the others, and the
  time range and what was chosen come along.
- A line on a panel is the limit of an alert, as ''spec.alerts.overrides'' may have changed it, and the panel asks what the alert asks. When a value
  has been beyond the line for as long as the alert waits, the alert fires. [All alerts](alerts.md).
- Where nothing is wrong a panel says so, or shows 0. "No data" means that Prometheus has none: see the conditions ''Scraped'' and
  ''ResourceMetrics'' of the FluxMonitoring.
- The annotations "flux events" are the events that Flux sends to Grafana, with ''spec.dashboards.eventAnnotations''.
- The uid of a dashboard is the name below. If several FluxMonitorings of a cluster have dashboards, those of all but the first have a suffix:
  it is in ''status.dashboards.uidSuffix''.
- [All fields](spec/fluxmonitoring.md#dashboards): which dashboards, folder, data source, and how they reach Grafana.
`

// when is the condition on which an optional dashboard exists.
var when = map[string]string{
	"flux-fleet": "With `spec.cluster`, or where `spec.dashboards.include` names it. It shows what all clusters have in common, so it is " +
		"to be looked at where their Prometheus data meet.",
	"flux-logs": "With `spec.dashboards.logsDatasource`. It expects Flux's logs in a Loki with the labels `namespace` and `app` of the " +
		"pods, as Grafana's agents put them. There is no picture: no Loki runs beside the tests.",
	"flux-resource": "Reached by a click on an object's name.",
}

// unseenDashboards have no picture.
var unseenDashboards = []string{"flux-logs"}

func reference(g Gomega) string {
	var text strings.Builder
	text.WriteString(strings.ReplaceAll(introduction, "''", "`"))
	for _, d := range Build(params("v2.9.4")) {
		m := read(g, d)
		fmt.Fprintf(&text, "\n## %s\n\n`%s`. %s %s\n", d.Title, d.Name, m.Description, when[d.Name])
		if !strings.Contains(strings.Join(unseenDashboards, " "), d.Name) {
			fmt.Fprintf(&text, "\n<picture>\n  <source media=\"(prefers-color-scheme: dark)\" srcset=\"pictures/%[1]s-dark.png\">\n"+
				"  <img alt=\"The dashboard %[2]s\" src=\"pictures/%[1]s-light.png\">\n</picture>\n", d.Name, d.Title)
		}
		text.WriteString("\n| panel | what it shows, and what to do |\n|---|---|\n")
		for _, p := range m.Panels {
			if p.Type == "row" {
				fmt.Fprintf(&text, "| **%s** | |\n", p.Title)
				continue
			}
			fmt.Fprintf(&text, "| %s | %s |\n", p.Title, strings.ReplaceAll(p.Description, "|", `\|`))
		}
	}
	return regexp.MustCompile(` +\n`).ReplaceAllString(text.String(), "\n")
}

func TestTheReferenceIsInTheDocs(t *testing.T) {
	golden.File(t, "../../docs/dashboards.md", reference(NewWithT(t)))
}
