package controllers_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/fluxmonitoring/operator/controllers"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// answer is the code and the body with which a server answers; the error of a server that does not answer.
func answer(t *testing.T, url string, token ...string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	rig.Must(t, err)
	for _, bearer := range token {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // as Prometheus does here
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(response.StatusCode, " ", string(body))
}

// free is an address that no other process listens on.
func free(t *testing.T) string {
	t.Helper()
	addresses, err := cluster.FreeAddresses(1)
	rig.Must(t, err)
	return addresses[0]
}

// target is a server of the operator that Prometheus scrapes.
type target struct {
	t       *testing.T
	address string
}

// exporting has the operator serve its exporter on a free address.
func exporting(t *testing.T) (target, func(*controllers.Options)) {
	t.Helper()
	s := target{t, free(t)}
	return s, func(o *controllers.Options) { o.ExporterAddress = s.address }
}

// measured has the operator serve its own metrics on a free address.
func measured(t *testing.T) (target, func(*controllers.Options)) {
	t.Helper()
	s := target{t, free(t)}
	return s, func(o *controllers.Options) { o.MetricsAddress = s.address }
}

// sharded has the operator reconcile only the objects that a label selector selects.
func sharded(t *testing.T, selector string) func(*controllers.Options) {
	t.Helper()
	parsed, err := labels.Parse(selector)
	rig.Must(t, err)
	return func(o *controllers.Options) { o.Shard = parsed }
}

// samples are the values that the target exports by metric and labels; nil when it does not answer.
func (s target) samples() map[string]string {
	body, answers := strings.CutPrefix(answer(s.t, "http://"+s.address+"/metrics"), "200 ")
	if !answers {
		return nil
	}
	found := map[string]string{}
	for line := range strings.Lines(body) {
		if at := strings.LastIndexByte(line, ' '); at > 0 && !strings.HasPrefix(line, "#") {
			found[line[:at]] = strings.TrimSpace(line[at:])
		}
	}
	return found
}

// all are the samples of a metric, each as labels and value, sorted; nil when the target does not answer.
func (s target) all(metric string) []string {
	samples := s.samples()
	if samples == nil {
		return nil
	}
	found := []string{}
	for sample, value := range samples {
		if labels, is := strings.CutPrefix(sample, metric+"{"); is {
			found = append(found, "{"+labels+" "+value)
		}
	}
	slices.Sort(found)
	return found
}

// total is the sum of the samples of a metric that have a label, such as kind="PodMonitor", or of all if it is empty. There has to be one.
func (s target) total(metric, label string) (sum float64) {
	s.t.Helper()
	found := false
	for sample, value := range s.samples() {
		if name, labels, _ := strings.Cut(sample, "{"); name == metric && strings.Contains(labels, label) {
			number, err := strconv.ParseFloat(value, 64)
			rig.Must(s.t, err)
			found, sum = true, sum+number
		}
	}
	if !found {
		s.t.Fatalf("%s{%s} is not exported", metric, label)
	}
	return sum
}

// series are the samples of a metric about Flux's objects.
func (s target) series(metric string) []string {
	return slices.DeleteFunc(s.all(metric), ofFluxMonitoring)
}

// own are the samples of a metric about FluxMonitorings.
func (s target) own(metric string) []string {
	return slices.DeleteFunc(s.all(metric), func(sample string) bool { return !ofFluxMonitoring(sample) })
}

func ofFluxMonitoring(sample string) bool { return strings.Contains(sample, `kind="FluxMonitoring"`) }

// infos are the series of the state of Flux's objects.
func (s target) infos() []string { return s.series("gotk_resource_info") }

// counted are the kinds of Flux that the exporter reads, each as Kind/version=number of objects.
func (s target) counted() []string {
	var kinds []string
	for _, sample := range s.series("gotk_resources") {
		kinds = append(kinds, label(sample, "customresource_kind")+"/"+label(sample, "customresource_version")+"="+
			sample[strings.LastIndexByte(sample, ' ')+1:])
	}
	slices.Sort(kinds)
	return kinds
}

// label is the value of a label of a sample.
func label(sample, name string) string {
	_, rest, _ := strings.Cut(sample, name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
