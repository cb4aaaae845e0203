package alerts

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/prometheus/common/model"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// mutes reports whether an alert that fires mutes another one, each given by its labels.
func mutes(source, target map[string]string) bool {
	matches := func(matchers []Matcher, labels map[string]string) bool {
		return !slices.ContainsFunc(matchers, func(m Matcher) bool {
			if m.Regexp {
				return !regexp.MustCompile("^(?:" + m.Value + ")$").MatchString(labels[m.Label])
			}
			return labels[m.Label] != m.Value
		})
	}
	return slices.ContainsFunc(Inhibitions(), func(i Inhibition) bool {
		return matches(i.Source, source) && matches(i.Target, target) &&
			!slices.ContainsFunc(i.Equal, func(label string) bool { return source[label] != target[label] })
	})
}

// firing are the labels of an alert, from its name and pairs such as "kind=Kustomization".
func firing(name string, pairs ...string) map[string]string {
	labels := map[string]string{"alertname": name}
	for _, pair := range pairs {
		label, value, _ := strings.Cut(pair, "=")
		labels[label] = value
	}
	return labels
}

func TestAnAlertMutesWhatItExplains(t *testing.T) {
	shop := []string{"kind=Kustomization", "exported_namespace=apps", "name=shop",
		"source_kind=GitRepository", "source_namespace=apps", "source_name=code"}
	code := []string{"kind=GitRepository", "exported_namespace=apps", "name=code",
		"source_kind=GitRepository", "source_namespace=apps", "source_name=code"}
	other := []string{"kind=GitRepository", "exported_namespace=apps", "name=other",
		"source_kind=GitRepository", "source_namespace=apps", "source_name=other"}
	for name, c := range map[string]struct {
		source, target map[string]string
		want           bool
	}{
		"many mute each":             {firing("FluxManyResourcesNotReady"), firing("ReconciliationFailure", shop...), true},
		"many of another cluster":    {firing("FluxManyResourcesNotReady", "cluster=a"), firing("ReconciliationFailure", "cluster=b"), false},
		"many do not mute bootstrap": {firing("FluxManyResourcesNotReady"), firing("FluxBootstrapNotReady"), false},
		"a source mutes what is made from it": {
			firing("FluxSourceBlocksDependents", code...), firing("ReconciliationFailure", shop...), true},
		"a bootstrap source too":        {firing("FluxBootstrapNotReady", code...), firing("ReconciliationFailure", shop...), true},
		"not what another is made from": {firing("FluxSourceBlocksDependents", other...), firing("ReconciliationFailure", shop...), false},
		"nor what has no source":        {firing("FluxSourceBlocksDependents", code...), firing("ReconciliationFailure", "kind=ResourceSet"), false},
		"a source mutes its own alert":  {firing("FluxSourceBlocksDependents", code...), firing("FluxSourceNotReady", code...), true},
		"a failure mutes that it is stalled": {
			firing("ReconciliationFailure", shop...), firing("FluxResourceStalled", shop[:3]...), true},
		"not another's": {firing("ReconciliationFailure", shop...), firing("FluxResourceStalled", code[:3]...), false},
		"source-controller mutes every object": {
			firing("FluxControllerDown", "app=source-controller", "namespace=flux-system"), firing("ReconciliationFailure", shop...), true},
		"and the fleet": {firing("FluxControllerDown", "app=source-controller"), firing("FluxManyResourcesNotReady"), true},
		"kustomize-controller mutes its own": {
			firing("FluxControllerDown", "app=kustomize-controller"), firing("ReconciliationFailure", shop...), true},
		"and no other's": {
			firing("FluxControllerDown", "app=kustomize-controller"), firing("ReconciliationFailure", "kind=HelmRelease"), false},
		"one shard does not mute all": {
			firing("FluxControllerDown", "app=source-controller-shard1"), firing("ReconciliationFailure", shop...), false},
		"a controller that is down mutes its other alerts": {
			firing("FluxControllerDown", "app=helm-controller", "namespace=flux-system"),
			firing("FluxControllerNotReconciling", "app=helm-controller", "namespace=flux-system"), true},
		"nobody mutes that a controller is down": {
			firing("FluxManyResourcesNotReady"), firing("FluxControllerDown", "app=helm-controller"), false},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(mutes(c.source, c.target)).To(Equal(c.want))
		})
	}
}

func TestInhibitionsNameAlertsOfTheCatalogue(t *testing.T) {
	g := NewWithT(t)
	for _, i := range Inhibitions() {
		for _, m := range slices.Concat(i.Source, i.Target) {
			if m.Label == "alertname" {
				g.Expect(Names()).To(ContainElements(strings.Split(m.Value, "|")))
			}
		}
		g.Expect(i.Equal).To(ContainElement(flux.LabelCluster))
	}
	for _, name := range Names() {
		g.Expect(mutes(firing(name), firing(name))).To(BeFalse(), name)
	}
}

// What mutes a page must be a page itself, or nobody is notified at night.
func TestOnlyAPageMutesAPage(t *testing.T) {
	g := NewWithT(t)
	severity := map[string]Severity{}
	for _, a := range catalogue {
		severity[a.name] = a.severity
	}
	for _, i := range Inhibitions() {
		for _, target := range strings.Split(i.Target[0].Value, "|") {
			for _, source := range strings.Split(i.Source[0].Value, "|") {
				if severity[target] == Critical {
					g.Expect(severity[source]).To(Equal(Critical), "%s mutes %s", source, target)
				}
			}
		}
	}
}

// What mutes by the source must fire for longer than what it mutes, or Alertmanager notifies of that when all is well again.
func TestAFailingSourceFiresOnForLongerThanWhatItMutes(t *testing.T) {
	g := NewWithT(t)
	keepFiringFor := func(name string) time.Duration {
		a, _ := entry(name)
		d, err := model.ParseDuration(a.keepFiringFor)
		g.Expect(err).NotTo(HaveOccurred(), name)
		return time.Duration(d)
	}
	muting := 0
	for _, i := range Inhibitions() {
		if !slices.Contains(i.Equal, flux.LabelSourceName) {
			continue
		}
		for _, source := range strings.Split(i.Source[0].Value, "|") {
			a, _ := entry(source)
			g.Expect(a.keepFiringUntilDependentsReady).To(BeTrue(), source)
			for _, target := range strings.Split(i.Target[0].Value, "|") {
				g.Expect(keepFiringFor(source)).To(BeNumerically(">", keepFiringFor(target)+time.Minute), "%s mutes %s", source, target)
				muting++
			}
		}
	}
	g.Expect(muting).To(Equal(4))
}
