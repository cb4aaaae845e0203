package desired

import (
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

const opsgenie = "{dashboards: {enabled: false}, " +
	"notifications: {receivers: [{name: oncall, opsgenieConfigs: [{apiKey: {name: opsgenie, key: key}, updateAlerts: true}]}]}}"

func TestAReceiverMayHaveWhatTheVersionInUseHas(t *testing.T) {
	g := NewWithT(t)
	objects, err := Objects(monitoring(t, opsgenie), everything())
	g.Expect(err).NotTo(HaveOccurred())
	config := pipeline.FirstOfKind(objects, kinds.AlertmanagerConfig.Kind)
	g.Expect(config.GetAPIVersion()).To(Equal("monitoring.coreos.com/v1alpha1"))
	receivers, _, err := unstructured.NestedSlice(config.Object, "spec", "receivers")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(receivers).To(ConsistOf(map[string]any{"name": "oncall", "opsgenieConfigs": []any{
		map[string]any{"apiKey": map[string]any{"name": "opsgenie", "key": "key"}, "updateAlerts": true},
	}}, map[string]any{"name": "null"}))
}

func TestAReceiverWithWhatTheOtherVersionHasIsToldWhich(t *testing.T) {
	g := NewWithT(t)
	facts := everything()
	facts.Served[kinds.AlertmanagerConfigBeta] = true
	_, err := Objects(monitoring(t, opsgenie), facts)
	g.Expect(err).To(MatchError(`spec.notifications.receivers[0]: unknown field "opsgenieConfigs[0].updateAlerts" ` +
		"(AlertmanagerConfig v1alpha1 has it, v1beta1, which is used here, has not)"))
}
