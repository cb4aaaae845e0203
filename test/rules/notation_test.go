package rules

import (
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestAnObjectHasTheSeriesOfEachSource(t *testing.T) {
	o := object{Object: "Kustomization apps/shop-{1..2}", Source: "GitRepository infra/shop", Revision: "main@sha1:a",
		State: "suspended 1m, absent 1m, stalled", Cluster: "production-1", Pod: "a"}
	for source, one := range map[flux.StateSource][]series{
		flux.Exporter: {
			{Values: "1x0 stale _x2", Series: `gotk_resource_info{cluster="production-1", customresource_kind="Kustomization", ` +
				`exported_namespace="apps", job="monitoring/flux-exporter", name="shop-1", pod="a", ready="False", reason="BuildFailed", ` +
				`revision="main@sha1:a", source_kind="GitRepository", source_name="shop", source_namespace="infra", suspended="true"}`},
			{Values: "_x2 1x1", Series: `gotk_resource_info{cluster="production-1", customresource_kind="Kustomization", ` +
				`exported_namespace="apps", job="monitoring/flux-exporter", name="shop-1", pod="a", ready="False", reason="InvalidURL", ` +
				`revision="main@sha1:a", source_kind="GitRepository", source_name="shop", source_namespace="infra", stalled="True", suspended="false"}`},
			{Values: "_ _ 120 120", Series: `gotk_resource_deadline_seconds{cluster="production-1", customresource_kind="Kustomization", ` +
				`exported_namespace="apps", job="monitoring/flux-exporter", name="shop-1", pod="a"}`},
		},
		flux.OperatorReport: {
			{Values: "1x0 stale _x2", Series: `flux_resource_info{cluster="production-1", exported_namespace="apps", ` +
				`job="monitoring/flux-flux-operator", kind="Kustomization", name="shop-1", pod="a", ready="False", reason="BuildFailed", ` +
				`suspended="True", uid="Kustomization apps/shop-1"}`},
			{Values: "_x2 1x1", Series: `flux_resource_info{cluster="production-1", exported_namespace="apps", ` +
				`job="monitoring/flux-flux-operator", kind="Kustomization", name="shop-1", pod="a", ready="False", reason="InvalidURL", ` +
				`suspended="False", uid="Kustomization apps/shop-1"}`},
		},
		flux.Controllers: {
			{Values: "1x0 stale 1x1", Series: `gotk_reconcile_condition{cluster="production-1", exported_namespace="apps", ` +
				`job="monitoring/flux", kind="Kustomization", name="shop-1", pod="a", status="False", type="Ready"}`},
			{Values: "1x0 stale _x2", Series: `gotk_suspend_status{cluster="production-1", exported_namespace="apps", ` +
				`job="monitoring/flux", kind="Kustomization", name="shop-1", pod="a"}`},
		},
	} {
		t.Run(string(source), func(t *testing.T) {
			want := one
			for _, s := range one {
				want = append(want, series{Series: strings.ReplaceAll(s.Series, "shop-1", "shop-2"), Values: s.Values})
			}
			NewWithT(t).Expect(o.series(source, clock{step: time.Minute, end: 3 * time.Minute})).To(Equal(want))
		})
	}
}

func TestTheExporterRemembersTheDeadlineOfAnObject(t *testing.T) {
	for state, want := range map[string]string{
		"progressing 2m, failing 1m, progressing 1m, waiting 1m, ready":   "300 300 120 120 120 stale",
		"waiting 2m, progressing 3m, ready":                               "_ _ 420 420 420 stale",
		"failing 1m, suspended 1m, progressing 1m, ready 1m, progressing": "0 stale 420 stale 540 540",
	} {
		o := object{Object: "Kustomization apps/shop", Timeout: "5m", State: state}
		exported := o.deadlines(flux.Exporter, clock{step: time.Minute, end: 5 * time.Minute})
		NewWithT(t).Expect(exported).To(Equal([]series{{Values: want, Series: `gotk_resource_deadline_seconds{` +
			`customresource_kind="Kustomization", exported_namespace="apps", job="monitoring/flux-exporter", name="shop"}`}}), state)
	}
}

func TestAnObjectHasAStateAtEachStep(t *testing.T) {
	g := NewWithT(t)
	c := clock{step: 30 * time.Second, end: 4 * time.Minute, silent: []span{spanOf("30s to 90s")}}
	g.Expect(c.states("(ready 30s, failing 1m) x 2, progressing")).To(Equal([]string{
		"ready", "absent", "absent", "ready", "failing", "failing", "progressing", "progressing", "progressing"}))
	g.Expect(func() { c.states("ready 1m") }).To(PanicWith(`"ready 1m" has no state at the end`))
	g.Expect(func() { c.states("raedy") }).To(PanicWith(`"raedy" is no state`))
}
