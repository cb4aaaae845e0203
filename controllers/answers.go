package controllers

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/shallow"
)

// emptied counts the answers that nested so deeply that other clients cannot read them.
var emptied = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "fluxmonitoring_deep_answers_total",
	Help: "Answers of the API server that nest so deeply that other clients cannot read them, by resource.",
}, []string{"resource"})

func init() {
	metrics.Registry.MustRegister(emptied)
	emptied.WithLabelValues("fluxmonitorings." + v1alpha1.GroupVersion.Group) // so that it is there before it is counted
}

// flattenAnswers makes every list and watch readable, whatever an object in it holds, see internal/shallow. It empties only what no field that
// the operator reads can hold.
func flattenAnswers(cfg *rest.Config) {
	cfg.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return &shallow.Transport{Next: next, Emptied: func(path string) {
			emptied.WithLabelValues(resourceOf(path)).Inc()
			log.Info("An object nests so deeply that other clients cannot list its kind: delete it", "path", path)
		}}
	})
}

// resourceOf is the resource of a path of the API, with its group, such as fluxmonitorings.fluxmonitoring.dev.
func resourceOf(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if parts[0] != "apis" || len(parts) < 4 {
		return "other"
	}
	group, rest := parts[1], parts[3:]
	if rest[0] == "namespaces" && len(rest) > 2 {
		rest = rest[2:]
	}
	return rest[0] + "." + group
}
