package ask

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/proof"
	"github.com/fluxmonitoring/operator/test/rig"
)

const oncall, other = "flux-system/flux/oncall", "flux-system/flux/other"

// alertmanager starts an Alertmanager with a receiver of ours, whose webhook is given, and one of others.
func alertmanager(t *testing.T, webhook string, args ...string) *program {
	t.Helper()
	return run(t, "alertmanager", "alertmanager", map[string]string{"alertmanager.yaml": `
route: {receiver: "null", group_wait: 10ms, group_interval: 500ms, routes: [{receiver: ` + oncall + `, matchers: [alertname=ours]}, {receiver: others, matchers: [alertname=theirs]}]}
receivers: [{name: "null"}, {name: ` + oncall + `, webhook_configs: [{url: "` + webhook + `"}]}, {name: others, webhook_configs: [{url: "` + webhook + `"}]}]
`}, append([]string{"--config.file={folder}/alertmanager.yaml", "--storage.path={folder}/data", "--web.listen-address={address}",
		"--cluster.listen-address=", "--log.level=warn"}, args...)...)
}

func (p *program) fire(alert string) {
	p.t.Helper()
	rig.Eventually(p.t, func() (int, error) {
		response, err := http.Post("http://"+p.address+"/api/v2/alerts", "application/json", strings.NewReader(`[{"labels":{"alertname":"`+alert+`"}}]`))
		if err != nil {
			return 0, err
		}
		return response.StatusCode, response.Body.Close()
	}).Should(Equal(http.StatusOK))
}

func TestAnAlertmanagerIsAskedForItsReceiversAndNotifications(t *testing.T) {
	for name, c := range map[string]struct {
		args  []string
		named bool
	}{
		"its metrics name receivers":        {[]string{"--enable-feature=receiver-name-in-metrics"}, true},
		"its metrics do not name receivers": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fails atomic.Bool
			webhook := serving(t, func(w http.ResponseWriter, _ *http.Request) {
				if fails.Load() {
					w.WriteHeader(http.StatusInternalServerError)
				}
			})
			p := alertmanager(t, webhook.URL, c.args...)
			ask := func(receivers ...string) proof.Alertmanager {
				var a proof.Alertmanager
				a.Fault = FaultOf(asks(t, "http://"+p.address, nil).Alertmanager(t.Context(), &proof.Question{Receivers: receivers}, &a))
				return a
			}
			rig.Eventually(t, func() proof.Alertmanager { return ask(oncall) }).Should(Equal(proof.Alertmanager{Counts: proof.Counts{ByReceiver: c.named}}))
			NewWithT(t).Expect(ask(oncall, other).Missing).To(Equal(other))

			p.fire("theirs")
			p.fire("ours")
			sent := proof.Counts{Sent: 2}
			if c.named {
				sent = proof.Counts{Sent: 1, ByReceiver: true}
			}
			rig.Eventually(t, func() proof.Counts { return ask(oncall).Counts }).Should(Equal(sent))
			fails.Store(true)
			p.fire(`ours","instance":"new`) // another alert of the same group
			rig.Eventually(t, func() float64 { return ask(oncall).Counts.Failed }).Should(BeNumerically(">=", 1), "Alertmanager retries for ten seconds first")
		})
	}
}
