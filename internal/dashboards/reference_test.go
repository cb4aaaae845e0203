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
- A kind and its controller have one colour on every panel. Green, orange and red judge, always with a word. If nothing is wrong, a panel says so or shows 0. "No data" means that Prometheus has none: see the conditions ''Scraped'' and
  ''ResourceMetrics'' of the FluxMonitoring.
- The annotations "flux events" are the events that Flux sends to Grafana, with ''spec.dashboards.eventAnnotations''.
- The uid of a dashboard is the name below. If several FluxMonitorings of a cluster have dashboards, all except the first have a suffix:
  ''status.dashboards.uidSuffix'' has it.
- [The specification](spec/fluxmonitoring.md#dashboards) has all fields: which dashboards, folder, data source and format.

Grafana's published libraries draw the pictures ([test/preview](../test/preview/README.md)), except the state timelines and the heat maps. Those are
drawn by code of this project on Grafana's axes, and differ from Grafana's in details. Annotations are not drawn. The series are invented: a cluster in
an incident, and a fleet of twelve clusters. Each picture is the first screen of 1,600 by 900 pixels. The links below it open
the whole dashboard with open rows.
`

// when is the condition on which an optional dashboard exists.
var when = map[string]string{
	"flux-fleet": "With `spec.clusterName`, or if `spec.dashboards.include` names it. Open it in the Grafana that has the data of " +
		"all clusters.",
	"flux-logs": "With `spec.dashboards.datasources.loki.uid`. It expects Flux's logs in a Loki with the labels `namespace` and `app` of the " +
		"pods, as Grafana's agents set them. There is no picture, because no Loki runs in the tests.",
	"flux-resource": "Click on the name of an object to open it.",
}

// answers are what the first screen of a dashboard says to the three questions with which a person on call opens it.
var answers = map[string][3][2]string{
	"flux-cluster": {
		{"Is something broken, and since when?", "*Stalled* and *Failing* are above 0. *Objects not ready* has the objects, the oldest first, and *Objects that were " +
			"not ready* shows what began before what."},
		{"Why?", "*Objects not ready* has the state and the reason of each object. A click on its name opens Flux Resource. *Alerts* has the critical ones first."},
		{"Who is held up?", "*Sources that block dependents* has the number of objects that each source holds up, and *Waiting* those that wait for a dependency."},
	},
	"flux-control-plane": {
		{"Do all controllers run?", "*Controllers* has their number, *Controllers up* who was down and when, and *Most restarts* is above 0 if a process does not stay up."},
		{"Do they keep up with their work?", "*Longest work queue* and *Busiest workers* are the worst of all controllers, and *Work queue depth* has each of them."},
		{"Is the cause outside of Flux?", "*Failed API requests* and *Kubernetes API error ratio* rise if the API server fails, and *Highest memory use* if a limit is too low."},
	},
	"flux-fleet": {
		{"Does every cluster report?", "*Silent clusters* has their number, *Clusters at a glance* has them first, and *Reporting clusters* shows since when."},
		{"Which cluster needs a person first?", "*Clusters at a glance* has the clusters with most critical alerts after the silent ones."},
		{"Is it one cluster or all of them?", "*Clusters with objects not ready* has the number of clusters, and *Clusters at a glance* the number of objects of each."},
	},
	"flux-logs": {
		{"Do the controllers log errors, and since when?", "*Lines by level* shows them over time."},
		{"Which controller, and which object?", "*Errors by controller* and *Objects with the most errors* have them."},
		{"What is the error?", "*Log lines* has the latest lines. Choose level error, and write the name of an object into Name."},
	},
	"flux-resource": {
		{"What state is it in, and since when?", "*State*, *Not ready for* and *Suspended for* say it, and *State over time* shows what was before."},
		{"Why?", "*Details* has the reason now, and *Reasons over time* those before. The link Flux Logs opens the lines about the object."},
		{"Did a change cause it?", "*Revisions over time* is beside *Reasons over time*: the reason changed with the revision, or did not."},
	},
	"fluxmonitoring": {
		{"Can I rely on the alerts?", "*Conditions* has the summary Proven and its parts, those that are False first. *Heartbeat* is the alert that always fires."},
		{"Does an object miss?", "*Omitted objects* names the kinds of which some are not monitored, and *Exported objects* has the number of the others."},
		{"Was there a gap?", "*Export of object state* has a gap for the time in which no alert about an object could fire."},
	},
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
				"  <img alt=\"The first screen of %[2]s\" src=\"pictures/%[1]s-light.png\">\n</picture>\n\n"+
				"The whole dashboard: [light](pictures/%[1]s-whole-light.png), [dark](pictures/%[1]s-whole-dark.png).\n", d.Name, d.Title)
		}
		text.WriteString("\n| question | answer on the first screen |\n|---|---|\n")
		for _, a := range answers[d.Name] {
			fmt.Fprintf(&text, "| %s | %s |\n", a[0], a[1])
		}
		text.WriteString("\n| panel | meaning, and what to do |\n|---|---|\n")
		for _, p := range m.Panels {
			if p.Type == "row" {
				fmt.Fprintf(&text, "| **%s** | %s |\n", p.Title, map[bool]string{true: "This row is folded. Click on it to open it."}[len(p.Panels) > 0])
				continue
			}
			fmt.Fprintf(&text, "| %s | %s |\n", p.Title, strings.ReplaceAll(p.Description, "|", `\|`))
		}
	}
	return regexp.MustCompile(` +\n`).ReplaceAllString(text.String(), "\n")
}

// The first screen must have what the page says of it.
func TestTheAnswersAreOnTheFirstScreen(t *testing.T) {
	const rows = 20 // of the grid, beside Grafana's own bars, on 1600 by 900 pixels
	for _, d := range Build(params("v2.9.4")) {
		g := NewWithT(t)
		var seen []string
		for _, p := range read(g, d).Panels {
			if p.GridPos.Y < rows {
				seen = append(seen, p.Title)
			}
		}
		g.Expect(answers).To(HaveKey(d.Name))
		for _, a := range answers[d.Name] {
			for _, named := range regexp.MustCompile(`\*([^*]+)\*`).FindAllStringSubmatch(a[1], -1) {
				g.Expect(seen).To(ContainElement(named[1]), d.Name)
			}
		}
	}
}

func TestTheReferenceIsInTheDocs(t *testing.T) {
	golden.File(t, "../../docs/dashboards.md", reference(NewWithT(t)))
}
