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

// describe ends what an alert about an object says with the next command to run: it shows conditions and events of any kind.
var describe = "`kubectl -n {{ $labels.exported_namespace }} describe " + resource + " {{ $labels.name }}`."

// flags ends what an alert about a controller's workers says: without the flag --concurrent, Flux's default applies.
const flags = "`kubectl -n {{ $labels.namespace }} get pods -l app={{ $labels.app }} -o jsonpath='{..args}'`: " +
	"it is in `--concurrent`, and is Flux's default without that flag."
