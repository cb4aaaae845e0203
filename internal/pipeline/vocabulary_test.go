package pipeline_test

import (
	"testing"

	"github.com/fluxmonitoring/operator/test/given"
)

// What tests of several packages begin with.
var (
	monitoring, patch, selecting  = given.FluxMonitoring, given.Patch, given.Prometheus
	everything, exporting, fluxOf = given.Everything, given.Exporting, given.Flux
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
