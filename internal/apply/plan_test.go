package apply

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

func TestAPlanIsWhatIsLeftToDo(t *testing.T) {
	w := wanted(t, configMaps, "x", `data: {a: "1"}`)
	const (
		all     = `{` + marks + `,"f:data":{"f:a":{}}}`
		lacking = `{` + marks + `}`
		foreign = `{"f:metadata":{"f:labels":{"f:fluxmonitoring.dev/name":{}}},"f:data":{"f:a":{}}}`
	)
	mine := labelled("flux")
	leaving := func(o *metav1.PartialObjectMetadata) { o.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }
	for name, c := range map[string]struct {
		wanted []*unstructured.Unstructured
		actual []*metav1.PartialObjectMetadata
		plan   []string
	}{
		"it is not there": {
			[]*unstructured.Unstructured{w}, nil, []string{"created ConfigMap/x"},
		},
		"it is as wanted": {
			[]*unstructured.Unstructured{w}, objects(found(configMaps, "x", mine, digested(w), applied(all))), nil,
		},
		"what is wanted has changed": {
			[]*unstructured.Unstructured{w}, objects(found(configMaps, "x", mine, withDigest("sha256:old"), applied(all))),
			[]string{"configured ConfigMap/x"},
		},
		"somebody has changed a field": {
			[]*unstructured.Unstructured{w}, objects(found(configMaps, "x", mine, digested(w), applied(lacking))),
			[]string{"restored ConfigMap/x"},
		},
		"somebody has changed the digest": {
			[]*unstructured.Unstructured{w}, objects(found(configMaps, "x", mine, withDigest("sha256:lie"), applied(foreign))),
			[]string{"restored ConfigMap/x"},
		},
		"it is no longer wanted": {
			nil, objects(found(configMaps, "x", mine, digested(w), applied(all))), []string{"deleted ConfigMap/x"},
		},
		"it is wanted and on its way out": {
			[]*unstructured.Unstructured{w}, objects(found(configMaps, "x", mine, digested(w), applied(all), leaving)),
			[]string{"created ConfigMap/x"},
		},
		"it is unwanted and on its way out": {
			nil, objects(found(configMaps, "x", mine, digested(w), applied(all), leaving)), nil,
		},
		"a copy that has our label only": {
			nil, objects(found(configMaps, "copy", mine, digested(w), entry("kubectl", metav1.ManagedFieldsOperationUpdate, "", all))), nil,
		},
		"an object of another owner": {
			nil, objects(found(configMaps, "other", labelled("other"), digested(w), applied(all))), nil,
		},
		"an object of the same name and another kind": {
			[]*unstructured.Unstructured{w}, objects(found(podMonitors, "x", mine, applied(all))),
			[]string{"created ConfigMap/x", "deleted PodMonitor/x"},
		},
		"several, in the order wanted, deletions last": {
			[]*unstructured.Unstructured{wanted(t, rules, "z", "spec: {}"), w, wanted(t, podMonitors, "y", "spec: {}")},
			objects(found(configMaps, "gone", mine, applied(all)), found(configMaps, "x", mine, digested(w), applied(lacking)), found(configMaps, "away", mine, applied(all))),
			[]string{"created PrometheusRule/z", "restored ConfigMap/x", "created PodMonitor/y", "deleted ConfigMap/gone", "deleted ConfigMap/away"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var plan []string
			for _, change := range Plan(flux, c.wanted, c.actual) {
				plan = append(plan, string(change.Action)+" "+change.Kind.Kind+"/"+change.Name)
				g.Expect(change.Wanted == nil).To(Equal(change.Action == Deleted))
				g.Expect(change.Actual == nil).To(Equal(change.Action == Created))
			}
			g.Expect(plan).To(Equal(c.plan))
		})
	}
}

func TestWhoseAnObjectIs(t *testing.T) {
	owned := func(uids ...types.UID) func(*metav1.PartialObjectMetadata) {
		return func(o *metav1.PartialObjectMetadata) {
			for _, uid := range uids {
				o.OwnerReferences = append(o.OwnerReferences, metav1.OwnerReference{UID: uid})
			}
		}
	}
	ours := applied(`{` + marks + `}`)
	for name, c := range map[string]struct {
		object        *metav1.PartialObjectMetadata
		belongs, lost bool
	}{
		"applied for this owner":                       {found(configMaps, "x", ours, labelled("flux")), true, false},
		"applied for another owner":                    {found(configMaps, "x", ours, labelled("other")), false, false},
		"labelled by hand":                             {found(configMaps, "x", labelled("flux")), false, false},
		"a stranger's":                                 {found(configMaps, "x"), false, false},
		"applied, its label taken, still owned":        {found(configMaps, "x", ours, owned("somebody", flux.UID)), false, true},
		"applied, its label taken, owned by another":   {found(configMaps, "x", ours, owned("somebody")), false, false},
		"applied, its label taken, orphaned":           {found(configMaps, "x", ours), false, true},
		"applied, labelled for another, owned by us":   {found(configMaps, "x", ours, labelled("other"), owned("somebody", flux.UID)), false, true},
		"not applied by us, though owned by the owner": {found(configMaps, "x", owned("somebody", flux.UID)), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(flux.belongs(c.object)).To(Equal(c.belongs))
			g.Expect(flux.lost(c.object)).To(Equal(c.lost))
		})
	}
}

func objects(all ...*metav1.PartialObjectMetadata) []*metav1.PartialObjectMetadata { return all }
