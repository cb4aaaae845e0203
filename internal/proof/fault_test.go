package proof_test

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/proof"
)

// TestAnErrorOfAScrapeHasAClass has errors as Prometheus 3.14 writes them (scrape/scrape.go, scrape/target.go, net/http) and VictoriaMetrics 1.151.
func TestAnErrorOfAScrapeHasAClass(t *testing.T) {
	const get = `Get "http://10.0.0.1:8080/metrics": `
	for text, class := range map[string]proof.Class{
		"": "",
		get + "dial tcp 10.0.0.1:8080: connect: connection refused":                                                      proof.ClassRefused,
		get + "context deadline exceeded":                                                                                proof.ClassTimeOut,
		get + "dial tcp 10.0.0.1:8080: i/o timeout":                                                                      proof.ClassTimeOut,
		get + "net/http: TLS handshake timeout":                                                                          proof.ClassTimeOut,
		get + "dial tcp 10.0.0.1:8080: connect: no route to host":                                                        proof.ClassTimeOut,
		get + "dial tcp: lookup nowhere on 10.96.0.10:53: no such host":                                                  proof.ClassUnknownHost,
		get + "tls: failed to verify certificate: x509: certificate signed by unknown authority":                         proof.ClassCertificate,
		get + "remote error: tls: bad certificate":                                                                       proof.ClassCertificate,
		"server returned HTTP status 401 Unauthorized":                                                                   proof.ClassUnauthorized,
		"server returned HTTP status 403 Forbidden":                                                                      proof.ClassForbidden,
		"server returned HTTP status 404 Not Found":                                                                      proof.ClassNotFound,
		"server returned HTTP status 503 Service Unavailable":                                                            proof.ClassServerError,
		"sample limit exceeded":                                                                                          proof.ClassLimit,
		"histogram bucket limit exceeded":                                                                                proof.ClassLimit,
		"body size limit exceeded":                                                                                       proof.ClassLimit,
		"target_limit exceeded (number of targets: 5, limit: 1)":                                                         proof.ClassLimit,
		"label_limit exceeded (metric: x, number of labels: 9, limit: 1)":                                                proof.ClassLimit,
		"label_name_length_limit exceeded (metric: x, label name: y, length: 9, limit: 1)":                               proof.ClassLimit,
		`label_value_length_limit exceeded (metric: x, label name: y, value: "connection refused", length: 9, limit: 1)`: proof.ClassLimit,
		`strconv.ParseFloat: parsing "<html>": invalid syntax`:                                                           proof.ClassOther,
		get + "EOF": proof.ClassOther,
		`the response from "http://10.0.0.1:8080/metrics" exceeds sample_limit=1; either reduce the sample count for the target or increase it`:    proof.ClassLimit,
		`the response from "http://10.0.0.1:8080/metrics" exceeds -promscrape.maxScrapeSize or max_scrape_size in the scrape config (9 bytes)`:     proof.ClassLimit,
		`unexpected status code returned when scraping "http://10.0.0.1:8080/metrics": 401; expecting 200; response body: "connection refused"`:    proof.ClassUnauthorized,
		`unexpected status code returned when scraping "http://10.0.0.1:8080/metrics": 503; expecting 200; response body: "a timeout, status 401"`: proof.ClassServerError,
	} {
		NewWithT(t).Expect(proof.ClassOf(text)).To(Equal(class), text)
	}
}
