//go:build thanos

package ask

import (
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// sidecar starts a Prometheus of a cluster that scrapes one controller, with Thanos' sidecar. It returns the address of the sidecar's API.
func sidecar(t *testing.T, of, controller, rules string) string {
	t.Helper()
	p := prometheus(t, "", rules, map[string]string{"prometheus.yaml": fmt.Sprintf(
		"global: {scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms, external_labels: {cluster: %s, prometheus_replica: %s-0}}\n"+
			"rule_files: ['{folder}/*-*-*.yaml']\nscrape_configs:\n%s", of, of, scrapes("flux-system/flux", 0, "", controller+" source-controller-5d9f-abcde"))})
	grpc, err := cluster.FreeAddresses(1)
	must(t, err)
	run(t, "thanos", "thanos", nil, "sidecar", "--prometheus.url=http://"+p.address, "--tsdb.path={folder}", "--http-address={address}",
		"--grpc-address="+grpc[0], "--log.level=warn")
	return grpc[0]
}

func TestThanosQueryIsAskedForTheOwnCluster(t *testing.T) {
	well, closed := serving(t, writing("x 1\n")), serving(t, writing(""))
	closed.Close()
	grpc, err := cluster.FreeAddresses(1)
	must(t, err)
	query := run(t, "thanos", "thanos", nil, "query", "--http-address={address}", "--grpc-address="+grpc[0], "--log.level=warn",
		"--endpoint="+sidecar(t, "a", host(well), goodRules), "--endpoint="+sidecar(t, "b", host(closed), goodRules+"- {name: flux.more, rules: [{record: z, expr: '1'}]}\n"))
	q := question()
	q.Verify.Address, q.Cluster, q.Observed = "http://"+query.address, "a", `flux:resource:observed{cluster="a"}`
	answer := func() proof.Answer { return asks(t, q.Verify.Address, nil).seen(t, q) }
	rig.Eventually(t, answer).Should(Equal(proof.Answer{
		Targets: []proof.SeenTarget{up("flux-system/flux", "source-controller")}, Groups: evaluated(q.Groups[1], q.Groups[0]), Observed: true, Alertmanagers: -1,
	}))
	q.Cluster, q.Observed = "b", `flux:resource:observed{cluster="b"}`
	NewWithT(t).Expect(answer().Targets).To(Equal([]proof.SeenTarget{down("source-controller", proof.ClassRefused)}))
}
