package apply

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

func TestAPlanHasTheMissingChanges(t *testing.T) {
	w := desired(t, configMaps, "x", `data: {a: "1"}`)
	const (
		all     = `{` + marks + `,"f:data":{"f:a":{}}}`
		lacking = `{` + marks + `}`
		foreign = `{"f:metadata":{"f:labels":{"f:fluxmonitoring.dev/name":{}}},"f:data":{"f:a":{}}}`
	)
	mine := labelled("flux")
	leaving := func(o *metav1.PartialObjectMetadata) { o.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }
	x := func(changes ...func(*metav1.PartialObjectMetadata)) []*metav1.PartialObjectMetadata {
		return objects(found(configMaps, "x", append(changes, mine)...))
	}
	one := []*unstructured.Unstructured{w}
	for name, c := range map[string]struct {
		desired []*unstructured.Unstructured
		live    []*metav1.PartialObjectMetadata
		plan    []string
	}{
		"it does not exist":                 {one, nil, []string{"created ConfigMap/x"}},
		"it is as desired":                  {one, x(digested(w), applied(all)), nil},
		"the desired object has changed":    {one, x(withDigest("sha256:old"), applied(all)), []string{"configured ConfigMap/x"}},
		"it has no digest":                  {one, x(withDigest(""), applied(all)), []string{"configured ConfigMap/x"}},
		"somebody has changed a field":      {one, x(digested(w), applied(lacking)), []string{"restored ConfigMap/x"}},
		"somebody has changed the digest":   {one, x(withDigest("sha256:lie"), applied(foreign)), []string{"restored ConfigMap/x"}},
		"it is no longer desired":           {nil, x(digested(w), applied(all)), []string{"deleted ConfigMap/x"}},
		"it is desired and being deleted":   {one, x(digested(w), applied(all), leaving), []string{"created ConfigMap/x"}},
		"it is undesired and being deleted": {nil, x(digested(w), applied(all), leaving), nil},
		"a copy that has only our label":    {nil, x(digested(w), entry("kubectl", metav1.ManagedFieldsOperationUpdate, "", all)), nil},
		"an object of another owner":        {nil, objects(found(configMaps, "other", labelled("other"), digested(w), applied(all))), nil},
		"an object of the same name and another kind": {
			one, objects(found(podMonitors, "x", mine, applied(all))), []string{"created ConfigMap/x", "deleted PodMonitor/x"},
		},
		"several, in the order desired, deletions last": {
			[]*unstructured.Unstructured{desired(t, rules, "z", "spec: {}"), w, desired(t, podMonitors, "y", "spec: {}")},
			objects(found(configMaps, "gone", mine, applied(all)), found(configMaps, "x", mine, digested(w), applied(lacking)), found(configMaps, "away", mine, applied(all))),
			[]string{"created PrometheusRule/z", "restored ConfigMap/x", "created PodMonitor/y", "deleted ConfigMap/gone", "deleted ConfigMap/away"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			var plan []string
			for _, change := range Plan(flux, c.desired, c.live) {
				plan = append(plan, string(change.Action)+" "+change.Kind.Kind+"/"+change.Name)
				g.Expect(change.Desired == nil).To(Equal(change.Action == Deleted))
				g.Expect(change.Live == nil).To(Equal(change.Action == Created))
			}
			g.Expect(plan).To(Equal(c.plan))
		})
	}
}

func TestAnObjectIsOursOrphanedOrAnothers(t *testing.T) {
	refer := func(name string, uid types.UID) func(*metav1.PartialObjectMetadata) {
		return references(owning(name, uid))
	}
	deployment := references(metav1.OwnerReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "flux", UID: "uid-of-deployment"})
	elsewhere := references(metav1.OwnerReference{APIVersion: "example.com/v1", Kind: "FluxMonitoring", Name: "flux", UID: flux.UID})
	ours, unlabelled := applied(`{`+marks+`}`), applied(`{"f:data":{"f:a":{}}}`)
	type whose struct{ belongs, lost, others bool }
	for name, c := range map[string]struct {
		object *metav1.PartialObjectMetadata
		whose
	}{
		"it refers to the owner":                                      {found(configMaps, "x", ours, labelled("flux"), refer("flux", flux.UID)), whose{belongs: true}},
		"it refers to the owner, label and managedFields are gone":    {found(configMaps, "x", refer("flux", flux.UID)), whose{belongs: true}},
		"it refers to the owner, the label names another":             {found(configMaps, "x", unlabelled, labelled("other"), refer("flux", flux.UID)), whose{belongs: true}},
		"it refers to the owner, the label names another, by force":   {found(configMaps, "x", ours, labelled("other"), refer("flux", flux.UID)), whose{belongs: true}},
		"it refers to another, the label names the owner":             {found(configMaps, "x", unlabelled, labelled("flux"), refer("other", "uid-of-other")), whose{others: true}},
		"it refers to another, the label names the owner, by force":   {found(configMaps, "x", ours, labelled("flux"), refer("other", "uid-of-other")), whose{others: true}},
		"it refers to another, and the label is gone":                 {found(configMaps, "x", unlabelled, refer("other", "uid-of-other")), whose{others: true}},
		"it refers to an owner of this name that was deleted":         {found(configMaps, "x", ours, labelled("flux"), refer("flux", "uid-of-former")), whose{belongs: true}},
		"it refers to nobody, and the label is as applied":            {found(configMaps, "x", ours, labelled("flux")), whose{belongs: true}},
		"it refers to nobody, and the label is as applied, another's": {found(configMaps, "x", ours, labelled("other")), whose{others: true}},
		"it refers to nobody, and somebody wrote the label":           {found(configMaps, "x", unlabelled, labelled("flux")), whose{lost: true}},
		"it refers to nobody, and somebody wrote another's label":     {found(configMaps, "x", unlabelled, labelled("other")), whose{lost: true}},
		"it refers to nobody, and the label is gone":                  {found(configMaps, "x", unlabelled), whose{lost: true}},
		"it refers to a Deployment, and the label is as applied":      {found(configMaps, "x", ours, labelled("flux"), deployment), whose{belongs: true}},
		"it refers to a FluxMonitoring of another API":                {found(configMaps, "x", elsewhere), whose{}},
		"labelled by hand": {found(configMaps, "x", labelled("flux")), whose{}},
		"without a mark":   {found(configMaps, "x"), whose{}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(whose{flux.Owns(c.object), flux.isOrphaned(c.object), flux.isAnothers(c.object)}).To(Equal(c.whose))
			kept, err := Strip(c.object)
			must(t, err)
			g.Expect(flux.Owns(kept.(*metav1.PartialObjectMetadata))).To(Equal(c.belongs), "as a cache holds it")
		})
	}
}

func TestAnObjectNamesItsOwners(t *testing.T) {
	for name, c := range map[string]struct {
		object *metav1.PartialObjectMetadata
		names  []string
	}{
		"by label and reference, the same": {found(configMaps, "x", labelled("flux"), references(owning("flux", flux.UID))), []string{"flux"}},
		"by label and reference, two":      {found(configMaps, "x", labelled("other"), references(owning("flux", flux.UID))), []string{"flux", "other"}},
		"by label alone":                   {found(configMaps, "x", labelled("flux")), []string{"flux"}},
		"by reference alone":               {found(configMaps, "x", references(owning("flux", flux.UID))), []string{"flux"}},
		"not at all":                       {found(configMaps, "x", references(metav1.OwnerReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "flux"})), nil},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(Names(c.object)).To(Equal(c.names))
		})
	}
}

func objects(all ...*metav1.PartialObjectMetadata) []*metav1.PartialObjectMetadata { return all }
