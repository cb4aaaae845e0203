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

// The namespaces of the tests on notifications, and the receivers of what fails there.
const (
	namespaceOfOne    = "notified-of-one"
	namespaceOfSource = "notified-of-source"
)

func TestOneBrokenKustomizationSendsOneNotificationAndItsResolution(t *testing.T) {
	t.Parallel()
	shared.monitored(t, closely)
	shared.listens(t, namespaceOfOne)
	shared.createNamespace(t, namespaceOfOne)
	o := shared.put(t, namespaceOfOne, identity{"Kustomization", "shop"}, applies(namespaceOfOne, "shop"))
	shared.eachReady(t, namespaceOfOne, 1)

	start := time.Now()
	shared.change(t, o, `{path: ./missing}`)
	broken := firing(map[string]string{
		"alertname": "ReconciliationFailure", "severity": ourSeverity, "fluxmonitoring": namespace + "/" + name,
		"kind": "Kustomization", "name": "shop", "namespace": namespaceOfOne, "exported_namespace": namespaceOfOne,
		"source_kind": "OCIRepository", "source_namespace": appsNamespace, "source_name": "hello",
	})
	shared.receives(t, namespaceOfOne, broken)
	t.Logf("notified %s after it broke", since(start))

	start = time.Now()
	shared.change(t, o, repair)
	shared.receives(t, namespaceOfOne, broken, broken.resolved())
	t.Logf("notified %s after it was repaired", since(start))
	shared.receivesOnly(t, namespaceOfOne, broken, broken.resolved())
	shared.receivesNothingAbout(t, everyone, namespaceOfOne)
	shared.receivesNothingAbout(t, appsNamespace, namespaceOfOne)
}

func TestAFailingSourceInhibitsNotificationsAboutItsDependents(t *testing.T) {
	t.Parallel()
	const made = 5
	shared.monitored(t, closely)
	shared.listens(t, namespaceOfSource)
	shared.createNamespace(t, namespaceOfSource)
	o := shared.put(t, namespaceOfSource, identity{"GitRepository", "shops"}, lives["GitRepository"].wrong)
	for i := range made {
		shop := fmt.Sprintf("shop%d", i)
		shared.put(t, namespaceOfSource, identity{"Kustomization", shop}, fmt.Sprintf(`{interval: 10s, path: ./, prune: false,
			namePrefix: %s-, targetNamespace: %s, sourceRef: {kind: GitRepository, name: shops}}`, shop, namespaceOfSource))
	}

	failing := firing(map[string]string{
		"alertname": "FluxSourceBlocksDependents", "severity": ourSeverity, "fluxmonitoring": namespace + "/" + name,
		"kind": "GitRepository", "name": "shops", "namespace": namespaceOfSource, "exported_namespace": namespaceOfSource,
		"source_kind": "GitRepository", "source_namespace": namespaceOfSource, "source_name": "shops",
	})
	shared.firesFor(t, "ReconciliationFailure", namespaceOfSource, made)
	shared.receives(t, namespaceOfSource, failing)
	shared.receivesOnly(t, namespaceOfSource, failing)

	shared.change(t, o, lives["GitRepository"].right)
	shared.eachReady(t, namespaceOfSource, made)
	shared.receives(t, namespaceOfSource, failing, failing.resolved())
	shared.receivesOnly(t, namespaceOfSource, failing, failing.resolved())
	shared.receivesNothingAbout(t, everyone, namespaceOfSource)
}

// receivesNothingAbout checks that a receiver has got no notification of objects in a place.
func (c *testCluster) receivesNothingAbout(t *testing.T, receiver, place string) {
	t.Helper()
	all, err := c.notifications(t.Context(), receiver)
	must(t, err)
	for _, one := range all {
		NewWithT(t).Expect(one.GroupLabels).NotTo(HaveKeyWithValue("exported_namespace", place), "%s is notified too", receiver)
	}
}

// receivers is the receiver of webhooks in the test bed, of which each path is another receiver: as Alertmanager reaches it, and
// through the API server.
const (
	receivers    = "http://origin.origin.svc.cluster.local:5000/notifications/"
	receiversAPI = origin + "notifications/"
)

const alertmanagerAPI = "/api/v1/namespaces/monitoring/services/alertmanager-operated:9093/proxy/api/v2/"

// everyone is the receiver of what no route takes.
const everyone = "everyone"

// notifying is the field notifications of a spec. Alerts about objects in one of the namespaces go to a receiver of the same name, all
// others to everyone, after a short groupWait.
func notifying(namespaces ...string) string {
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

// notifications are those a receiver has got, the first to arrive first. The label with which each Prometheus
// identifies itself is left out.
func (c *testCluster) notifications(ctx context.Context, receiver string) ([]notification, error) {
	body, err := c.rest.Get().AbsPath(receiversAPI + receiver).Do(ctx).Raw()
	if err != nil {
		return nil, fmt.Errorf("asking for the notifications of %s: %w", receiver, err)
	}
	var kept []struct {
		Body notification `json:"body"`
	}
	if err := json.Unmarshal(body, &kept); err != nil {
		return nil, fmt.Errorf("reading the notifications of %s: %w", receiver, err)
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

// alertmanagerStatus is the status of Alertmanager, with its configuration.
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

// receives waits until a receiver has got exactly these notifications.
func (c *testCluster) receives(t *testing.T, receiver string, expected ...notification) {
	t.Helper()
	NewWithT(t).Eventually(func() ([]notification, error) { return c.notifications(t.Context(), receiver) }, patient, often).
		Should(Equal(expected), "%s should get one notification", receiver)
}

// receivesOnly checks that a receiver has got exactly these, and for some time gets no other.
func (c *testCluster) receivesOnly(t *testing.T, receiver string, expected ...notification) {
	t.Helper()
	NewWithT(t).Consistently(func() ([]notification, error) { return c.notifications(t.Context(), receiver) }, atRest, often).
		Should(Equal(expected), "%s should get no other notification", receiver)
}
