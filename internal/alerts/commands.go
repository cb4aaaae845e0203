package alerts

import (
	"fmt"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// resource is a template for what kubectl calls the kind in the label kind, with its API group, such as buckets.source.toolkit.fluxcd.io: others
// than Flux have a Bucket or a Provider too. Prometheus fills it in, so an alert needs no label for it.
var resource = func() string {
	plurals := map[string][]string{}
	var groups []string
	for _, k := range flux.Kinds() {
		if plurals[k.Group] == nil {
			groups = append(groups, k.Group)
		}
		plurals[k.Group] = append(plurals[k.Group], k.Plural)
	}
	text := `$labels.kind | toLower | reReplaceAll "y$" "ie" | reReplaceAll "$" "s"`
	for _, group := range groups {
		text += fmt.Sprintf(` | reReplaceAll "^(%s)$" "$1.%s"`, strings.Join(plurals[group], "|"), group)
	}
	return "{{ " + text + " }}"
}()

// object names the object that an alert is about.
const object = "{{ $labels.kind }} {{ $labels.exported_namespace }}/{{ $labels.name }}"

// The commands that end the descriptions of several alerts. describe shows the conditions and events of the object, whatever its kind.
var describe = "`kubectl -n {{ $labels.exported_namespace }} describe " + resource + " {{ $labels.name }}`."

const (
	describeMonitorings = "`kubectl describe fluxmonitorings.fluxmonitoring.dev -A`."
	failing             = "`flux get all -A --status-selector ready=false`."
)
