//go:build e2e

package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// The places of the tests on notifications, and the receivers that are told of what fails there.
const (
	placeOfOne    = "told-of-one"
	placeOfSource = "told-of-a-source"
)

func TestOneBrokenKustomizationIsOneNotificationThatNamesItAndIsResolvedWhenItIsMended(t *testing.T) {
	t.Parallel()
	shared.monitored(t, closely)
	shared.listens(t, placeOfOne)
	shared.place(t, placeOfOne)
	o := shared.put(t, placeOfOne, identity{"Kustomization", "shop"}, applies(placeOfOne, "shop"))
	shared.allReady(t, placeOfOne, 1)

	start := time.Now()
	shared.change(t, o, `{path: ./missing}`)
	broken := firing(map[string]string{
		"alertname": "ReconciliationFailure", "severity": ourSeverity, "fluxmonitoring": namespace + "/" + name,
		"kind": "Kustomization", "name": "shop", "namespace": placeOfOne, "exported_namespace": placeOfOne,
		"source_kind": "OCIRepository", "source_namespace": appsNamespace, "source_name": "hello",
	})
	shared.told(t, placeOfOne, broken)
	t.Logf("told %s after it broke", since(start))

	start = time.Now()
	shared.change(t, o, mended)
	shared.told(t, placeOfOne, broken, broken.resolved())
	t.Logf("told %s after it was mended", since(start))
	shared.toldNoMore(t, placeOfOne, broken, broken.resolved())
	shared.neverToldOf(t, everyone, placeOfOne)
	shared.neverToldOf(t, appsNamespace, placeOfOne)
}

func TestAFailingSourceIsOneNotificationAndNoneIsOfWhatIsMadeFromIt(t *testing.T) {
	t.Parallel()
	const made = 5
	shared.monitored(t, closely)
	shared.listens(t, placeOfSource)
	shared.place(t, placeOfSource)
	o := shared.put(t, placeOfSource, identity{"GitRepository", "shops"}, lives["GitRepository"].wrong)
	for i := range made {
		shop := fmt.Sprintf("shop%d", i)
		shared.put(t, placeOfSource, identity{"Kustomization", shop}, fmt.Sprintf(`{interval: 10s, path: ./, prune: false,
			namePrefix: %s-, targetNamespace: %s, sourceRef: {kind: GitRepository, name: shops}}`, shop, placeOfSource))
	}

	failing := firing(map[string]string{
		"alertname": "FluxSourceBlocksDependents", "severity": ourSeverity, "fluxmonitoring": namespace + "/" + name,
		"kind": "GitRepository", "name": "shops", "namespace": placeOfSource, "exported_namespace": placeOfSource,
		"source_kind": "GitRepository", "source_namespace": placeOfSource, "source_name": "shops",
	})
	shared.firesFor(t, "ReconciliationFailure", placeOfSource, made)
	shared.toldNoMore(t, placeOfSource, failing)

	shared.change(t, o, lives["GitRepository"].right)
	shared.allReady(t, placeOfSource, made)
	shared.told(t, placeOfSource, failing, failing.resolved())
	shared.toldNoMore(t, placeOfSource, failing, failing.resolved())
	shared.neverToldOf(t, everyone, placeOfSource)
}

// neverToldOf checks that a receiver has got no notification of objects in a place.
func (c *testCluster) neverToldOf(t *testing.T, receiver, place string) {
	t.Helper()
	all, err := c.notifications(t.Context(), receiver)
	must(t, err)
	for _, one := range all {
		NewWithT(t).Expect(one.GroupLabels).NotTo(HaveKeyWithValue("exported_namespace", place), "%s is told too", receiver)
	}
}

// receivers is the receiver of webhooks in the test bed, of which each path is another receiver: as Alertmanager reaches it, and
// through the API server.
const (
	receivers    = "http://origin.origin.svc.cluster.local:5000/notifications/"
	receiversAPI = "/api/v1/namespaces/origin/services/origin:5000/proxy/notifications/"
)

const alertmanagerAPI = "/api/v1/namespaces/monitoring/services/alertmanager-operated:9093/proxy/api/v2/"

// everyone is the receiver of what no route takes.
const everyone = "everyone"

// toldBy is the field notifications of a spec: of alerts about objects in one of the namespaces a receiver of the same name is
// told, of all others everyone is. Nobody waits for long.
func toldBy(namespaces ...string) string {
	webhooks, routes := []string{webhook(everyone)}, []string{}
	for _, place := range namespaces {
		webhooks = append(webhooks, webhook(place))
		routes = append(routes, fmt.Sprintf("{receiver: %[1]s, namespaces: [%[1]s]}", place))
	}
	return fmt.Sprintf("notifications: {groupWait: 1s, groupInterval: 5s, receivers: [%s], routes: [%s]}",
		strings.Join(webhooks, ", "), strings.Join(routes, ", "))
}

func webhook(receiver string) string {
	return fmt.Sprintf("{name: %s, webhookConfigs: [{url: %q}]}", receiver, receivers+receiver)
}

// notification is what Alertmanager sends by a webhook: of a group of alerts, those that fire, and those that are resolved.
type notification struct {
	Status      string            `json:"status"`
	GroupLabels map[string]string `json:"groupLabels"`
	Alerts      []notified        `json:"alerts"`
}

// notified is one alert of a notification.
type notified struct {
	Status string            `json:"status"`
	Labels map[string]string `json:"labels"`
}

// firing is the notification of one alert that has begun to fire. Its group has those labels of it in common that the operator
// groups by.
func firing(labels map[string]string) notification {
	group := map[string]string{}
	for _, by := range []string{"cluster", "alertname", "kind", "exported_namespace"} {
		if value, is := labels[by]; is {
			group[by] = value
		}
	}
	return notification{"firing", group, []notified{{"firing", labels}}}
}

// resolved is the notification that the same is over.
func (n notification) resolved() notification {
	return notification{"resolved", n.GroupLabels, []notified{{"resolved", n.Alerts[0].Labels}}}
}

// notifications are those a receiver has got, the first to arrive first. The label by which prometheus-operator has each Prometheus
// tell which one it is, is left out.
func (c *testCluster) notifications(ctx context.Context, receiver string) ([]notification, error) {
	body, err := c.rest.Get().AbsPath(receiversAPI + receiver).Do(ctx).Raw()
	if err != nil {
		return nil, fmt.Errorf("asking what %s was told: %w", receiver, err)
	}
	var kept []struct {
		Body notification `json:"body"`
	}
	if err := json.Unmarshal(body, &kept); err != nil {
		return nil, fmt.Errorf("reading what %s was told: %w", receiver, err)
	}
	got := []notification{}
	for _, one := range kept {
		for _, a := range one.Body.Alerts {
			delete(a.Labels, "prometheus")
		}
		got = append(got, one.Body)
	}
	return got, nil
}

// alertmanagerStatus is what Alertmanager tells of itself, with its configuration.
func (c *testCluster) alertmanagerStatus(ctx context.Context) (string, error) {
	body, err := c.rest.Get().AbsPath(alertmanagerAPI + "status").Do(ctx).Raw()
	return string(body), err
}

// listens waits until Alertmanager knows the receivers, and has what they have got until then forgotten.
func (c *testCluster) listens(t *testing.T, receiving ...string) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		status, err := c.alertmanagerStatus(t.Context())
		g.Expect(err).NotTo(HaveOccurred())
		for _, receiver := range receiving {
			g.Expect(status).To(ContainSubstring(namespace + "/" + name + "/" + receiver))
		}
	}, patient, often).Should(Succeed(), "Alertmanager should have the receivers %s", receiving)
	for _, receiver := range receiving {
		must(t, c.rest.Delete().AbsPath(receiversAPI+receiver).Do(t.Context()).Error())
	}
}

// told waits until a receiver has got exactly these notifications.
func (c *testCluster) told(t *testing.T, receiver string, wanted ...notification) {
	t.Helper()
	NewWithT(t).Eventually(func() ([]notification, error) { return c.notifications(t.Context(), receiver) }, patient, often).
		Should(Equal(wanted), "%s should be told of one thing", receiver)
}

// toldNoMore checks that a receiver has got exactly these, and for some time gets no other.
func (c *testCluster) toldNoMore(t *testing.T, receiver string, wanted ...notification) {
	t.Helper()
	NewWithT(t).Consistently(func() ([]notification, error) { return c.notifications(t.Context(), receiver) }, atRest, often).
		Should(Equal(wanted), "%s should be told of nothing else", receiver)
}
