package pipeline_test

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxmonitoring/operator/internal/alerts"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/selection"
)

func TestWhoIsNotifiedIsKnownAsAlertmanagerNamesThem(t *testing.T) {
	everywhere := selection.Selectors{Objects: &metav1.LabelSelector{}, Namespaces: &metav1.LabelSelector{}}
	f := everything()
	f.Alertmanagers = []selection.Alertmanager{
		{Namespace: "observability", Name: "a", Configs: everywhere}, {Namespace: "observability", Name: "b", Configs: everywhere},
		{Namespace: "monitoring", Name: "whole", Configuration: "flux"}, {Namespace: "shop", Name: "own", Configs: selection.Selectors{Objects: &metav1.LabelSelector{}}},
	}
	for spec, want := range map[string]alerts.Notified{
		"{}": {},
		"{notifications: {receivers: [{name: a}, {name: b, slackConfigs: [], msteamsv2Configs: []}, {name: c, slackConfigs: []}]}}": {
			Prefix: "monitoring/flux/", Integrations: []string{"msteamsv2", "slack"}, Namespaces: []string{"monitoring", "observability"},
		},
		"{notifications: {heartbeat: {urlSecretRef: {name: a, key: b}}}}": {
			Prefix: "monitoring/flux/", Integrations: []string{"webhook"}, Namespaces: []string{"monitoring", "observability"},
		},
		"{alerts: {enabled: false}, notifications: {heartbeat: {urlSecretRef: {name: a, key: b}}}}": {},
	} {
		NewWithT(t).Expect(pipeline.AlertParams(monitoring(t, spec), f).Notified).To(Equal(want), spec)
	}
}
