package desired

import (
	"fmt"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/dashboards"
)

// UnknownNames says which names of alerts and dashboards in the spec the operator does not have, a clause each, with the nearest name that it
// has. Objects ignores these names.
func UnknownNames(spec *v1alpha1.FluxMonitoringSpec) []string {
	var unknown []string
	for i, o := range spec.Alerts.Overrides {
		if name := string(o.Name); !alerts.Is(name) {
			unknown = append(unknown, fmt.Sprintf("spec.alerts.overrides[%d]: no alert %s%s", i, name, suggestion(name, alerts.Names())))
		}
	}
	names := dashboards.Names()
	known := map[string]bool{}
	for _, name := range names {
		known[name] = true
	}
	for i, d := range spec.Dashboards.Include {
		if name := string(d); !known[name] {
			unknown = append(unknown, fmt.Sprintf("spec.dashboards.include[%d]: no dashboard %s%s", i, name, suggestion(name, names)))
		}
	}
	return unknown
}

// suggestion asks for the nearest of the names, if one is so near that it can have been meant.
func suggestion(name string, names []string) string {
	nearest, least := "", len(name)/3+1
	for _, candidate := range names {
		if d := distance(name, candidate); d < least {
			nearest, least = candidate, d
		}
	}
	if nearest == "" {
		return ""
	}
	return "; did you mean " + nearest + "?"
}

// distance is the number of bytes to insert, delete or replace that make one text of the other (Levenshtein's distance).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
