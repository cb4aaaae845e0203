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

This page lists the panels for a current Flux with all its controllers. A cluster gets only the panels that have data there.

- Click on the name of an object to open [Flux Resource](#flux-resource). Every dashboard links to the others, and keeps the time range and the
  chosen values.
- A line on a panel is the limit of an alert, also if ''spec.alerts.overrides'' changes it. The panel has the expression of the alert. If a value is
  beyond the line for as long as the alert waits, the alert fires. See [all alerts](alerts.md).
- If nothing is wrong, a panel says so or shows 0. "No data" means that Prometheus has none: see the conditions ''Scraped'' and
  ''ResourceMetrics'' of the FluxMonitoring.
- The annotations "flux events" are the events that Flux sends to Grafana, with ''spec.dashboards.eventAnnotations''.
- The uid of a dashboard is the name below. If several FluxMonitorings of a cluster have dashboards, all except the first have a suffix:
  ''status.dashboards.uidSuffix'' has it.
- [The specification](spec/fluxmonitoring.md#dashboards) has all fields: which dashboards, folder, data source and format.

Grafana's published libraries draw the pictures ([test/preview](../test/preview/README.md)). They show the cluster of the end-to-end tests, except
Flux Fleet, which shows made-up series. They were taken at commit a85f579 and are older than the panels: *Flux Monitoring* shows one pod at a time
with a gap, and some titles have changed.
`

// when is the condition on which an optional dashboard exists.
var when = map[string]string{
	"flux-fleet": "With `spec.clusterName`, or if `spec.dashboards.include` names it. Open it in the Grafana that has the data of " +
		"all clusters.",
	"flux-logs": "With `spec.dashboards.datasources.loki.uid`. It expects Flux's logs in a Loki with the labels `namespace` and `app` of the " +
		"pods, as Grafana's agents set them. There is no picture, because no Loki runs in the tests.",
	"flux-resource": "Click on the name of an object to open it.",
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
		text.WriteString("\n| panel | meaning, and what to do |\n|---|---|\n")
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
