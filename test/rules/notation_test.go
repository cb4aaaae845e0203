package rules

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestAnObjectIsToldInTheSeriesOfEachSource(t *testing.T) {
	o := object{Object: "Kustomization apps/shop-{1..2}", Source: "GitRepository infra/shop", Revision: "main@sha1:a",
		State: "suspended 1m, stalled", Cluster: "production-1", Pod: "a"}
	info := func(source, name, reason, rest string) string {
		return `gotk_resource_info{cluster="production-1", customresource_kind="Kustomization", exported_namespace="apps", job="` + source +
			`", name="` + name + `", pod="a", ready="False", reason="` + reason + `", revision="main@sha1:a", source_kind="GitRepository", ` +
			`source_name="shop", source_namespace="infra", ` + rest + `}`
	}
	infos := func(job string) []series {
		var all []series
		for _, name := range []string{"shop-1", "shop-2"} {
			all = append(all,
				series{Series: info(job, name, "InvalidURL", `stalled="True", suspended="false"`), Values: "_x1 1x1"},
				series{Series: info(job, name, "BuildFailed", `suspended="true"`), Values: "1x0 stale _x1"})
		}
		return all
	}
	report := func(name, reason, suspended, values string) series {
		return series{Values: values, Series: `flux_resource_info{cluster="production-1", exported_namespace="apps", ` +
			`job="monitoring/flux-flux-operator", kind="Kustomization", name="` + name + `", pod="a", ready="False", reason="` + reason +
			`", suspended="` + suspended + `", uid="Kustomization apps/` + name + `"}`}
	}
	condition := func(family, name, rest, values string) series {
		return series{Values: values, Series: family + `{cluster="production-1", exported_namespace="apps", job="monitoring/flux", ` +
			`kind="Kustomization", name="` + name + `", pod="a"` + rest + `}`}
	}
	for source, want := range map[flux.StateSource][]series{
		flux.Exporter:         infos("monitoring/flux-exporter"),
		flux.KubeStateMetrics: infos("kube-state-metrics"),
		flux.OperatorReport: {
			report("shop-1", "InvalidURL", "False", "_x1 1x1"), report("shop-1", "BuildFailed", "True", "1x0 stale _x1"),
			report("shop-2", "InvalidURL", "False", "_x1 1x1"), report("shop-2", "BuildFailed", "True", "1x0 stale _x1"),
		},
		flux.Controllers: {
			condition("gotk_reconcile_condition", "shop-1", `, status="False", type="Ready"`, "_x1 1x1"),
			condition("gotk_reconcile_condition", "shop-1", `, status="False", type="Ready"`, "1x0 stale _x1"),
			condition("gotk_suspend_status", "shop-1", "", "1x0 stale _x1"),
		},
	} {
		t.Run(string(source), func(t *testing.T) {
			got := o.series(source, clock{step: time.Minute, end: 2 * time.Minute})
			NewWithT(t).Expect(got[:len(want)]).To(Equal(want))
		})
	}
}
