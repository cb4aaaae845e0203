package query

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestIdleMatchersAreFound(t *testing.T) {
	for expr, want := range map[string]Idle{
		`gotk_resource_info{type="GitRepository"} > 0`:                                     {Never: []string{`gotk_resource_info{type="GitRepository"}`}},
		`count(gotk_resource_info{kind=~"Helm.+"}) > 0`:                                    {Never: []string{`gotk_resource_info{kind=~"Helm.+"}`}},
		`gotk_resource_info{type!="GitRepository"}`:                                        {Always: []string{`gotk_resource_info{type!="GitRepository"}`}},
		`gotk_resource_info{type!~"Git.*|Helm.*"}`:                                         {Always: []string{`gotk_resource_info{type!~"Git.*|Helm.*"}`}},
		`gotk_resource_info{type!=""}`:                                                     {Never: []string{`gotk_resource_info{type!=""}`}},
		`gotk_resource_info{type=~".+"}`:                                                   {Never: []string{`gotk_resource_info{type=~".+"}`}},
		`gotk_resource_info{type=""}`:                                                      {},
		`gotk_resource_info{type=~".*"}`:                                                   {},
		`gotk_resource_info{type=~"|GitRepository"}`:                                       {},
		`gotk_resource_info{type!~".+"}`:                                                   {},
		`gotk_resource_info{ready="False"}`:                                                {},
		`gotk_resource_info{ready!="True"}`:                                                {},
		`gotk_resource_info{ready=~"False|Unknown"}`:                                       {},
		`gotk_resource_info{ready="false"}`:                                                {Never: []string{`gotk_resource_info{ready="false"}`}},
		`gotk_resource_info{ready!="true"}`:                                                {Always: []string{`gotk_resource_info{ready!="true"}`}},
		`gotk_resource_info{suspended!="True"}`:                                            {Always: []string{`gotk_resource_info{suspended!="True"}`}},
		`gotk_resource_info{suspended!="true"}`:                                            {},
		`gotk_resource_info{customresource_kind="Git"}`:                                    {Never: []string{`gotk_resource_info{customresource_kind="Git"}`}},
		`gotk_resource_info{customresource_kind=~"Git.*"}`:                                 {},
		`gotk_resource_info{name="web",job="a/b",cluster="eu",revision=~"main.*",url!=""}`: {},
		`gotk_reconcile_condition{type="Healthy",status="False"}`:                          {Never: []string{`gotk_reconcile_condition{type="Healthy"}`}},
		`gotk_reconcile_condition{type="Ready",status="Deleted",kind="Terraform"}`:         {},
		`rate(gotk_reconcile_duration_seconds_count{controller="a"}[5m])`:                  {Never: []string{`gotk_reconcile_duration_seconds_count{controller="a"}`}},
		`flux:resource:not_ready{ready="False"} and flux:resource:ready{kind="Helmrelease"}`: {
			Never: []string{`flux:resource:not_ready{ready="False"}`, `flux:resource:ready{kind="Helmrelease"}`}},
		`flux:resource:ready{kind!="Nothing"}`:                         {Always: []string{`flux:resource:ready{kind!="Nothing"}`}},
		`{__name__="gotk_resource_info",type="a"}`:                     {Never: []string{`{__name__="gotk_resource_info",type="a"}`}},
		`{__name__=~"gotk_resource_info|up",type="a"}`:                 {},
		`gotk_resource_info{type="a"} or gotk_resource_info{type="a"}`: {Never: []string{`gotk_resource_info{type="a"}`}},
		`up{type="a"} or kube_pod_info{type!="b"}`:                     {},
		`sum(`: {},
	} {
		t.Run(expr, func(t *testing.T) {
			NewWithT(t).Expect(IdleMatchers(expr, flux.Exporter.Values)).To(Equal(want))
		})
	}
}

func TestNoQueryHasAnIdleMatcher(t *testing.T) {
	for _, source := range sources {
		for _, q := range everyQuery() {
			NewWithT(t).Expect(IdleMatchers(q.String(), source.Values)).To(Equal(Idle{}), "%s: %s", source, q)
		}
		for _, r := range Recordings(source, "eu", nil, Is("job", "a/b")) {
			NewWithT(t).Expect(IdleMatchers(r.Query.String(), source.Values)).To(Equal(Idle{}), "%s: %s", source, r.Name)
		}
	}
}

func FuzzIdleMatchers(f *testing.F) {
	for _, q := range everyQuery() {
		f.Add(q.String())
	}
	f.Fuzz(func(t *testing.T, expr string) {
		for _, selector := range IdleMatchers(expr, flux.Exporter.Values).Never {
			NewWithT(t).Expect(Parse(selector)).To(Succeed(), "it is a selector")
		}
	})
}

func TestAnExpressionOnAbsenceFiresOnNothing(t *testing.T) {
	for expr, want := range map[string]bool{
		`absent(up == 1)`: true, `up == 0 or absent_over_time(up[5m])`: true, `up == 0`: false, `absent > 0`: false, `sum(`: false,
	} {
		NewWithT(t).Expect(FiresOnNothing(expr)).To(Equal(want), expr)
	}
}
