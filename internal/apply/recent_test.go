package apply

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// versions puts objects as name@resourceVersion.
func versions(objects []*metav1.PartialObjectMetadata) []string {
	var all []string
	for _, o := range objects {
		all = append(all, o.Name+"@"+o.ResourceVersion)
	}
	return all
}

func cached(objects ...*metav1.PartialObjectMetadata) []metav1.PartialObjectMetadata {
	var all []metav1.PartialObjectMetadata
	for _, o := range objects {
		all = append(all, *o)
	}
	return all
}

func TestWhatWasWrittenStandsInForACacheThatLags(t *testing.T) {
	g := NewWithT(t)
	r := &Recent{}
	r.Wrote(found(configMaps, "changed", labelled("flux"), at("20")))
	r.Wrote(found(configMaps, "created", labelled("flux"), at("21")))
	r.Wrote(found(configMaps, "others", labelled("other"), at("22")))
	r.Wrote(found(podMonitors, "monitor", labelled("flux"), at("23")))
	elsewhere := found(configMaps, "elsewhere", labelled("flux"), at("24"))
	elsewhere.Namespace = "elsewhere"
	r.Wrote(elsewhere)

	stale := cached(found(configMaps, "changed", labelled("flux"), at("10")), found(configMaps, "still", labelled("flux"), at("11")))
	g.Expect(versions(r.Overlay(configMaps, flux, stale))).To(Equal([]string{"changed@20", "still@11", "created@21"}))
	g.Expect(versions(r.Overlay(podMonitors, flux, nil))).To(Equal([]string{"monitor@23"}))
}

func TestAListOfACacheSaysNoKindAndGetsIt(t *testing.T) {
	g := NewWithT(t)
	o := found(configMaps, "x", at("10"))
	o.TypeMeta = metav1.TypeMeta{}
	g.Expect((&Recent{}).Overlay(configMaps, flux, cached(o))).To(Equal(objects(found(configMaps, "x", at("10")))))
}

func TestOnceTheCacheHasCaughtUpNothingIsRemembered(t *testing.T) {
	for name, c := range map[string]struct {
		seen       string
		own        bool
		remembered []string
	}{
		"a version before the write":   {"19", true, []string{"x@20"}},
		"the write itself":             {"20", true, nil},
		"a version after the write":    {"21", false, nil},
		"a version that is no version": {"?", false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := &Recent{}
			r.Wrote(found(configMaps, "x", labelled("flux"), at("20")))
			g.Expect(r.Seen(found(configMaps, "x", at(c.seen)))).To(Equal(c.own))
			g.Expect(versions(r.Overlay(configMaps, flux, nil))).To(Equal(c.remembered))
		})
	}
}

func TestAnObjectThatWeDidNotWriteIsNotOurOwnWrite(t *testing.T) {
	g := NewWithT(t)
	r := &Recent{}
	g.Expect(r.Seen(found(configMaps, "x", at("20")))).To(BeFalse())
	r.Wrote(found(configMaps, "x", labelled("flux"), at("20")))
	g.Expect(r.Seen(found(configMaps, "y", at("20")))).To(BeFalse())
	g.Expect(r.Seen(found(podMonitors, "x", at("20")))).To(BeFalse())
	g.Expect(versions(r.Overlay(configMaps, flux, nil))).To(Equal([]string{"x@20"}))
}

func TestADeletionSeenEndsWhatIsRemembered(t *testing.T) {
	g := NewWithT(t)
	r := &Recent{}
	r.Wrote(found(configMaps, "x", labelled("flux"), at("20")))
	g.Expect(r.Seen(found(configMaps, "x", at("25")))).To(BeFalse(), "a deletion is a version of its own")
	g.Expect(r.Overlay(configMaps, flux, nil)).To(BeEmpty())
}

func TestAKindThatLeavesIsForgotten(t *testing.T) {
	g := NewWithT(t)
	r := &Recent{}
	r.Wrote(found(configMaps, "x", labelled("flux"), at("20")))
	r.Wrote(found(podMonitors, "x", labelled("flux"), at("21")))
	r.Forget(podMonitors)
	g.Expect(r.Overlay(podMonitors, flux, nil)).To(BeEmpty())
	g.Expect(versions(r.Overlay(configMaps, flux, nil))).To(Equal([]string{"x@20"}))
}
