package facts

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

const bs = "-acd7628ab2c7" // the suffix of monitoring/b

// fluxMonitoring is one that was created in a second, and is changed.
func fluxMonitoring(name string, second int64, changes []func(*v1alpha1.FluxMonitoring)) v1alpha1.FluxMonitoring {
	fm := v1alpha1.FluxMonitoring{ObjectMeta: metav1.ObjectMeta{
		Namespace: "monitoring", Name: name, UID: types.UID("uid-of-" + name), CreationTimestamp: metav1.Unix(second, 0),
	}}
	for _, change := range changes {
		change(&fm)
	}
	return fm
}

// The steps in the life of a FluxMonitoring that decide about the uids.
func plain(fm *v1alpha1.FluxMonitoring) {
	fm.Status.Dashboards = &v1alpha1.DashboardsStatus{}
	seen(fm)
}
func own(fm *v1alpha1.FluxMonitoring) {
	fm.Status.Dashboards = &v1alpha1.DashboardsStatus{UIDSuffix: "-x"}
	seen(fm)
}
func seen(fm *v1alpha1.FluxMonitoring)      { fm.Status.Conditions = []metav1.Condition{{Type: "Ready"}} }
func applied(fm *v1alpha1.FluxMonitoring)   { seen(fm); fm.Status.Inventory = &v1alpha1.Inventory{} }
func suspended(fm *v1alpha1.FluxMonitoring) { fm.Spec.Suspend = true }
func going(fm *v1alpha1.FluxMonitoring)     { now := metav1.Unix(99, 0); fm.DeletionTimestamp = &now }
func boardless(fm *v1alpha1.FluxMonitoring) { off := false; fm.Spec.Dashboards.Enabled = &off }

func TestOneFluxMonitoringHasThePlainDashboardUIDs(t *testing.T) {
	const older, younger = 1, 3
	a := func(second int64, changes ...func(*v1alpha1.FluxMonitoring)) v1alpha1.FluxMonitoring {
		return fluxMonitoring("a", second, changes)
	}
	b := func(changes ...func(*v1alpha1.FluxMonitoring)) v1alpha1.FluxMonitoring {
		return fluxMonitoring("b", 2, changes)
	}
	for name, c := range map[string]struct {
		other, of v1alpha1.FluxMonitoring
		suffix    string
	}{
		"a new one beside one that is older and has them":      {a(older, plain), b(), bs},
		"a new one beside one that is younger and has them":    {a(younger, plain), b(), bs},
		"a new one beside one that has its own":                {a(older, own), b(), ""},
		"of two new ones the older":                            {a(younger), b(), ""},
		"of two new ones the younger":                          {a(older), b(), bs},
		"of two new ones of one second the second by name":     {a(2), b(), bs},
		"of two that an older operator applied the younger":    {a(older, applied), b(applied), bs},
		"of two that an older operator applied the older":      {a(younger, applied), b(applied), ""},
		"one that has them beside an older new one":            {a(older), b(plain), ""},
		"one that has them beside one that has its own":        {a(older, own), b(plain), ""},
		"of two that have them the older":                      {a(younger, plain), b(plain), ""},
		"of two that have them the younger":                    {a(older, plain), b(plain), bs},
		"one that has its own beside one without any":          {a(older, boardless), b(own), bs},
		"a new one beside an older one without dashboards":     {a(older, boardless), b(), ""},
		"a new one beside an older one that came to nothing":   {a(older, seen), b(), ""},
		"a new one beside an older one that is suspended":      {a(older, suspended), b(), ""},
		"a new one beside a suspended one that has them":       {a(older, plain, suspended), b(), bs},
		"a new one beside an older new one that goes":          {a(older, going), b(), ""},
		"a new one beside one that goes and still has them":    {a(older, plain, going), b(), bs},
		"one that is given and not stored as it is, as a file": {b(plain), b(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(DashboardUIDSuffix(&c.of, []v1alpha1.FluxMonitoring{c.other})).To(Equal(c.suffix))
		})
	}
}

// Also the one that got them last runs again: it can be the younger.
func TestAllThatShareThePlainUIDsRunAgain(t *testing.T) {
	g := NewWithT(t)
	one := func(name string, is func(*v1alpha1.FluxMonitoring)) v1alpha1.FluxMonitoring {
		return fluxMonitoring(name, 1, []func(*v1alpha1.FluxMonitoring){is})
	}
	g.Expect(SharingPlainUIDs([]v1alpha1.FluxMonitoring{one("a", plain), one("b", own), one("c", plain), one("d", seen)})).To(Equal(
		[]types.NamespacedName{{Namespace: "monitoring", Name: "a"}, {Namespace: "monitoring", Name: "c"}}))
	g.Expect(SharingPlainUIDs([]v1alpha1.FluxMonitoring{one("a", plain), one("b", own)})).To(BeEmpty())
}
