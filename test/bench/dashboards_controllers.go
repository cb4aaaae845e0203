package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

const (
	fluxNamespace     = "flux-system"
	operatorNamespace = "monitoring"
	fluxJob           = operatorNamespace + "/flux"
	exporterJob       = operatorNamespace + "/flux-exporter"
	operatorJob       = operatorNamespace + "/flux-operator"
)

// target is a pod that is scraped.
type target struct {
	app, namespace, job, endpoint string
	// queues are its controllers, by the names their work queues have.
	queues []string
}

// targets are the controllers of `flux install`, and the operator.
func targets() []target {
	flux := func(app string, queues ...string) target {
		return target{app, fluxNamespace, fluxJob, "http-prom", queues}
	}
	return []target{
		flux("source-controller", "bucket", "gitrepository", "helmchart", "helmrepository", "ocirepository"),
		flux("kustomize-controller", "kustomization"),
		flux("helm-controller", "helmrelease"),
		flux("notification-controller", "alert", "provider", "receiver"),
		{"fluxmonitoring-operator", operatorNamespace, operatorJob, "metrics", []string{"api", "fluxmonitoring", "state"}},
	}
}

// targetOf is the controller of a kind.
func targetOf(kind string) target {
	all := targets()
	return all[slices.IndexFunc(all, func(t target) bool { return slices.Contains(t.queues, strings.ToLower(kind)) })]
}

func (t target) pod() string { return t.app + "-6c9f5b8d47-x2x7k" }

// labels are those a scrape of the target adds.
func (t target) labels() []string {
	return []string{"app", t.app, "container", "manager", "endpoint", t.endpoint, "instance", "10.244.0.17:8080",
		"job", t.job, "namespace", t.namespace, "pod", t.pod()}
}

// controllerSeries are those of the controllers themselves, of the scrapes of them, and of their containers.
func controllerSeries(samples int) []timeSeries {
	var all []timeSeries
	for number, t := range targets() {
		p := &probe{target: t, seed: number, samples: samples}
		p.process()
		p.client()
		for _, queue := range t.queues {
			p.queue(queue)
			p.controller(queue)
		}
		p.container()
		all = append(all, p.all...)
	}
	return slices.Concat(all, notificationSeries(samples), exporterScrape(samples))
}

// exporterScrape is what Prometheus says of its scrapes of the exporter.
func exporterScrape(samples int) []timeSeries {
	p := &probe{target: target{"fluxmonitoring-operator", operatorNamespace, exporterJob, "exporter", nil}, samples: samples}
	p.scraped(0.05, 70_000)
	return p.all
}

// probe makes the series of a target. What they are is as on real controllers; their values only look alike.
type probe struct {
	target
	seed, samples int
	all           []timeSeries
}

func (p *probe) add(name string, values []float64, labels ...string) {
	p.all = append(p.all, named(name, values, append(labels, p.labels()...)...))
}

// gauge moves by a tenth about a value.
func (p *probe) gauge(name string, about float64, labels ...string) {
	values := make([]float64, p.samples)
	for i := range values {
		values[i] = about * (0.95 + 0.1*share(p.seed, len(p.all), i))
	}
	p.add(name, values, labels...)
}

// steady is the same at every scrape.
func (p *probe) steady(name string, value float64, labels ...string) {
	p.add(name, slices.Repeat([]float64{value}, p.samples), labels...)
}

// counter grows by so much a second, more or less.
func (p *probe) counter(name string, perSecond float64, labels ...string) {
	values, total := make([]float64, p.samples), 1000*perSecond
	for i := range values {
		total += math.Round(2 * perSecond * scrapeEvery.Seconds() * share(p.seed, len(p.all), i))
		values[i] = total
	}
	p.add(name, values, labels...)
}

// histogram has so many durations a scrape.
func (p *probe) histogram(name string, bounds []float64, n int, mean float64, labels ...string) {
	all := observed(bounds, p.samples, func(i int) []float64 {
		durations := make([]float64, n)
		for d := range durations {
			durations[d] = mean * (0.5 + share(p.seed, i, d))
		}
		return durations
	})
	p.all = append(p.all, all.series(name, append(labels, p.labels()...)...)...)
}

// scraped is what Prometheus says of its scrapes of the target.
func (p *probe) scraped(seconds, kept float64) {
	p.steady("up", 1)
	p.gauge("scrape_duration_seconds", seconds)
	p.steady("scrape_samples_post_metric_relabeling", kept)
	p.steady("scrape_samples_scraped", kept)
	p.steady("scrape_series_added", 0)
}

// process is what the Go runtime says of the process.
func (p *probe) process() {
	p.scraped(0.02, 1000)
	p.steady("process_start_time_seconds", at(0)-86400)
	p.counter("process_cpu_seconds_total", 0.2)
	p.gauge("process_resident_memory_bytes", 2e8)
	p.gauge("process_virtual_memory_bytes", 2e9)
	p.gauge("process_open_fds", 40)
	p.steady("process_max_fds", 1048576)
	p.steady("go_gc_gomemlimit_bytes", 1<<30)
	p.steady("go_info", 1, "version", "go1.26.0")
	p.gauge("go_goroutines", 300)
	p.gauge("go_threads", 12)
	p.counter("go_gc_duration_seconds_count", 0.1)
	for _, name := range []string{"alloc", "buck_hash_sys", "gc_sys", "heap_alloc", "heap_idle", "heap_inuse", "heap_released", "heap_sys",
		"mcache_inuse", "mspan_inuse", "next_gc", "other_sys", "stack_inuse", "stack_sys", "sys"} {
		p.gauge("go_memstats_"+name+"_bytes", 1e8)
	}
	p.steady("leader_election_master_status", 1, "name", p.app+"-leader-election")
}

// client is what the process asks of the API server.
func (p *probe) client() {
	for _, one := range []struct {
		code, method string
		perSecond    float64
	}{{"200", "GET", 5}, {"200", "PATCH", 3}, {"200", "PUT", 1}, {"201", "POST", 0.5}, {"404", "GET", 0.1}, {"409", "PUT", 0.02},
		{"429", "GET", 0.001}, {"503", "GET", 0.001}} {
		p.counter("rest_client_requests_total", one.perSecond, "code", one.code, "method", one.method, "host", "10.96.0.1:443")
	}
}

// queue makes the metrics of a work queue.
func (p *probe) queue(name string) {
	labels := []string{"name", name, "controller", name}
	p.gauge("workqueue_depth", 2, append([]string{"priority", "0"}, labels...)...)
	p.counter("workqueue_adds_total", 3, labels...)
	p.counter("workqueue_retries_total", 0.1, labels...)
	p.gauge("workqueue_unfinished_work_seconds", 1, labels...)
	p.gauge("workqueue_longest_running_processor_seconds", 5, labels...)
	bounds := exponentialBounds(1e-8, 1000, 12)
	p.histogram("workqueue_queue_duration_seconds", bounds, 10, 0.01, labels...)
	p.histogram("workqueue_work_duration_seconds", bounds, 10, 2, labels...)
}

// controller makes the metrics of the reconciliations of a kind.
func (p *probe) controller(name string) {
	for _, one := range []struct {
		result    string
		perSecond float64
	}{{"error", 0.05}, {"requeue", 0}, {"requeue_after", 3}, {"success", 0.2}} {
		p.counter("controller_runtime_reconcile_total", one.perSecond, "controller", name, "result", one.result)
	}
	p.counter("controller_runtime_reconcile_errors_total", 0.05, "controller", name)
	p.counter("controller_runtime_terminal_reconcile_errors_total", 0, "controller", name)
	p.counter("controller_runtime_reconcile_panics_total", 0, "controller", name)
	p.counter("controller_runtime_reconcile_timeouts_total", 0, "controller", name)
	p.steady("controller_runtime_max_concurrent_reconciles", 10, "controller", name)
	p.gauge("controller_runtime_active_workers", 4, "controller", name)
	p.histogram("controller_runtime_reconcile_time_seconds", exponentialBounds(0.005, 60, 40), 10, 2, "controller", name)
}

// container makes what cAdvisor exports of the pod: of its container and of the pod as a whole.
func (p *probe) container() {
	labels := []string{"namespace", p.namespace, "pod", p.pod(), "job", "kubelet", "metrics_path", "/metrics/cadvisor"}
	for _, name := range []string{"manager", "POD", ""} {
		own := append([]string{"container", name, "id", fmt.Sprintf("/kubepods/%s/%s", p.pod(), name)}, labels...)
		p.all = append(p.all, named("container_memory_working_set_bytes", slices.Repeat([]float64{2e8}, p.samples), own...))
	}
}

// notificationSeries are what notification-controller exports of its two servers.
func notificationSeries(samples int) []timeSeries {
	p := &probe{target: targetOf("Receiver"), seed: 99, samples: samples}
	bounds := exponentialBounds(0.005, 10, 11)
	for _, code := range []string{"200", "202", "404", "429", "500"} {
		p.histogram("gotk_event_http_request_duration_seconds", bounds, 5, 0.02, "code", code, "handler", "/", "method", "POST")
		p.histogram("gotk_receiver_http_request_duration_seconds", bounds, 1, 0.02, "code", code, "handler", "/hook/", "method", "POST")
	}
	return p.all
}
