package status

import (
	"errors"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

func TestRepeatedErrorsOfTheAPIServerGiveOneMessage(t *testing.T) {
	const webhook = `Internal error occurred: failed calling webhook "rules.example.com": failed to call webhook: Post "https://webhook.monitoring.svc:443/validate?timeout=10s": `
	for message, answers := range map[string][]string{
		webhook + "read tcp: read: connection reset by peer": {
			webhook + "read tcp 10.1.2.3:54321->10.0.0.1:443: read: connection reset by peer",
			webhook + "read tcp 10.1.2.4:1024->10.0.0.1:443: read: connection reset by peer",
		},
		webhook + "dial tcp: connect: connection refused": {
			webhook + "dial tcp 10.96.0.1:443: connect: connection refused",
			webhook + "dial tcp [fd00::1]:443: connect: connection refused",
		},
		webhook + "dial tcp: lookup webhook.monitoring.svc: no such host": {
			webhook + "dial tcp: lookup webhook.monitoring.svc on 10.96.0.10:53: no such host",
			webhook + "dial tcp: lookup webhook.monitoring.svc on [fd00::10]:53: no such host",
		},
		webhook + "dial tcp: lookup webhook.monitoring.svc: read udp: i/o timeout": {
			webhook + "dial tcp: lookup webhook.monitoring.svc on 10.96.0.10:53: read udp 10.244.0.5:38291->10.96.0.10:53: i/o timeout",
			webhook + "dial tcp: lookup webhook.monitoring.svc on 10.96.0.10:53: read udp 10.244.0.5:5->10.96.0.10:53: i/o timeout",
		},
		webhook + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: the current time is after 2026-02-01T00:00:00Z": {
			webhook + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-03-01T00:00:01Z is after 2026-02-01T00:00:00Z",
			webhook + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-03-01T00:09:59+01:00 is after 2026-02-01T00:00:00Z",
		},
		webhook + "context deadline exceeded (Client.Timeout exceeded while awaiting headers)": {
			webhook + "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
		},
		"Precondition failed: UID in precondition: …, UID in object meta: …": {
			"Precondition failed: UID in precondition: 8f14e45f-ceea-467f-a8b3-0123456789ab, UID in object meta: 8f14e45f-ceea-467f-a8b3-0123456789ac",
			"Precondition failed: UID in precondition: 8f14e45f-ceea-467f-a8b3-0123456789ad, UID in object meta: 00000000-ceea-467f-a8b3-0123456789ac",
		},
		`admission webhook "a.example.com" denied the request: policy check failed (request id: …, took …, at …)`: {
			`admission webhook "a.example.com" denied the request: policy check failed (request id: req-81/a, took 1.25s, at 2026-01-02T03:04:05.678Z)`,
			`admission webhook "a.example.com" denied the request: policy check failed (request id: req-82/b, took 803ms, at 2026-01-02 03:05:05)`,
		},
		`denied: resourceVersion: "…" at … after …`: {
			`denied: resourceVersion: "4711" at 0xc000123abc after 5s`,
			`denied: resourceVersion: "4712" at 0xc000123def after 12s`,
		},
		`PodMonitor.monitoring.coreos.com "flux" is invalid: spec.podMetricsEndpoints[0].interval: Invalid value: "30 s": spec.podMetricsEndpoints[0].interval in body should match '^(0|(([0-9]+)y)?)$'`: {
			`PodMonitor.monitoring.coreos.com "flux" is invalid: spec.podMetricsEndpoints[0].interval: Invalid value: "30 s": spec.podMetricsEndpoints[0].interval in body should match '^(0|(([0-9]+)y)?)$'`,
		},
	} {
		t.Run(message, func(t *testing.T) {
			g := NewWithT(t)
			for _, answer := range answers {
				err := apierrors.NewInternalError(errors.New(answer))
				err.ErrStatus.Message = answer
				g.Expect(Sentence(fmt.Errorf("applying it: %w", err))).To(Equal(message))
			}
			g.Expect(withoutVolatile(message)).To(Equal(message), "a message stays as it is")
		})
	}
}

func TestAFailedConnectionIsNotQuoted(t *testing.T) {
	NewWithT(t).Expect(Sentence(errors.New("dial tcp 10.0.0.1:443: connect: connection refused"))).To(Equal("the API server gave no answer, and the operator tries again"))
}
