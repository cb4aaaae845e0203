package apply

import (
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
)

// versions puts objects as name@resourceVersion.
func versions(objects []*metav1.PartialObjectMetadata) (all []string) {
	for _, o := range objects {
		all = append(all, o.Name+"@"+o.ResourceVersion)
	}
	return all
}

func cached(objects ...*metav1.PartialObjectMetadata) (all []metav1.PartialObjectMetadata) {
	for _, o := range objects {
		all = append(all, *o)
	}
	return all
}

// recorded has these writes.
func recorded(writes ...*metav1.PartialObjectMetadata) *WriteTracker {
	r := &WriteTracker{}
	for _, o := range writes {
		r.Record(o)
	}
	return r
}

func TestWritesReplaceOlderCachedObjects(t *testing.T) {
	g := NewWithT(t)
	elsewhere := func(o *metav1.PartialObjectMetadata) { o.Namespace = "elsewhere" }
	r := recorded(
		found(configMaps, "changed", ours("flux"), at("20")), found(configMaps, "created", ours("flux"), at("21")),
		found(configMaps, "others", ours("other"), at("22")), found(podMonitors, "monitor", ours("flux"), at("23")),
		found(configMaps, "elsewhere", ours("flux"), at("24"), elsewhere),
	)

	stale := cached(found(configMaps, "changed", ours("flux"), at("10")), found(configMaps, "still", ours("flux"), at("11")))
	g.Expect(versions(r.Merge(configMaps, flux, stale))).To(Equal([]string{"changed@20", "still@11", "created@21"}))
	g.Expect(versions(r.Merge(podMonitors, flux, nil))).To(Equal([]string{"monitor@23"}))
}

func TestMergeSetsTheKindOfCachedObjects(t *testing.T) {
	g := NewWithT(t)
	o := found(configMaps, "x", ours("flux"), at("10"))
	o.TypeMeta = metav1.TypeMeta{}
	g.Expect((&WriteTracker{}).Merge(configMaps, flux, cached(o))).To(Equal(objects(found(configMaps, "x", ours("flux"), at("10")))))
}

func TestAWriteIsForgottenOnceTheCacheHasIt(t *testing.T) {
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
			r := recorded(found(configMaps, "x", ours("flux"), at("20")))
			g.Expect(r.Observe(found(configMaps, "x", at(c.seen)))).To(Equal(c.own))
			g.Expect(versions(r.Merge(configMaps, flux, nil))).To(Equal(c.remembered))
		})
	}
}

func TestAnotherObjectIsNotOurOwnWrite(t *testing.T) {
	g := NewWithT(t)
	r := &WriteTracker{}
	g.Expect(r.Observe(found(configMaps, "x", at("20")))).To(BeFalse())
	r.Record(found(configMaps, "x", ours("flux"), at("20")))
	g.Expect(r.Observe(found(configMaps, "y", at("20")))).To(BeFalse())
	g.Expect(r.Observe(found(podMonitors, "x", at("20")))).To(BeFalse())
	g.Expect(versions(r.Merge(configMaps, flux, nil))).To(Equal([]string{"x@20"}))
}

func TestAWriteIsForgottenOnceItsObjectIsDeleted(t *testing.T) {
	former := func(o *metav1.PartialObjectMetadata) { o.UID = "uid-of-former" }
	for name, c := range map[string]struct {
		gone       *metav1.PartialObjectMetadata
		remembered []string
	}{
		"in a later version":                     {found(configMaps, "x", at("25")), nil},
		"in an older one, by a list":             {found(configMaps, "x", at("10")), nil},
		"of one that was there before the write": {found(configMaps, "x", at("10"), former), []string{"x@20"}},
		"of one that came later":                 {found(configMaps, "x", at("25"), former), nil},
		"of another":                             {found(configMaps, "y", at("25")), []string{"x@20"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := recorded(found(configMaps, "x", ours("flux"), at("20")))
			r.ObserveDeleted(c.gone)
			NewWithT(t).Expect(versions(r.Merge(configMaps, flux, nil))).To(Equal(c.remembered))
		})
	}
}

func TestMergeOmitsForeignObjects(t *testing.T) {
	copied := found(configMaps, "copy", labelled("flux"), at("10"))
	others := found(configMaps, "others", labelled("flux"), references(owning("other", "uid-of-other")), at("10"))
	g := NewWithT(t)
	g.Expect(versions((&WriteTracker{}).Merge(configMaps, flux, cached(copied, others, found(configMaps, "x", ours("flux"), at("10")))))).To(Equal([]string{"x@10"}))
}

// Whatever is written, seen and missed, in whatever order: what a write returned stands in for a cache that lags until the cache has
// it, and after WriteTTL only the cache counts.
func TestAWriteIsDroppedOnceCachedOrExpired(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		now, version := time.Unix(0, 0), 10
		r := &WriteTracker{Now: func() time.Time { return now }}
		cache := map[string]*metav1.PartialObjectMetadata{}
		type write struct {
			version string
			at      time.Time
		}
		wrote := map[string]write{} // what the cache has not shown
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "name")
			switch rapid.SampledFrom([]string{"write", "catch up", "delete unseen and list again", "wait"}).Draw(t, "step") {
			case "write":
				version++
				r.Record(found(configMaps, name, ours("flux"), at(strconv.Itoa(version))))
				wrote[name] = write{strconv.Itoa(version), now}
			case "catch up":
				version++
				cache[name] = found(configMaps, name, ours("flux"), at(strconv.Itoa(version)))
				r.Observe(cache[name])
				delete(wrote, name)
			case "delete unseen and list again":
				if last := cache[name]; last != nil { // a cache reports no deletion of an object that it never had
					r.ObserveDeleted(last)
					delete(cache, name)
					delete(wrote, name)
				}
			case "wait":
				now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "seconds")) * time.Second)
			}
			expected := map[string]string{}
			for name, o := range cache {
				expected[name] = o.ResourceVersion
			}
			pending := false
			for name, w := range wrote {
				if now.Sub(w.at) < WriteTTL {
					expected[name], pending = w.version, true
				}
			}
			merged := map[string]string{}
			for _, o := range r.Merge(configMaps, flux, cached(slices.Collect(maps.Values(cache))...)) {
				merged[o.Name] = o.ResourceVersion
			}
			g.Expect(merged).To(Equal(expected))
			g.Expect(r.Pending(flux)).To(Equal(pending))
		}
	})
}

func TestWritesOfADroppedKindAreForgotten(t *testing.T) {
	g := NewWithT(t)
	r := recorded(found(configMaps, "x", ours("flux"), at("20")), found(podMonitors, "x", ours("flux"), at("21")))
	r.DropKind(podMonitors)
	g.Expect(r.Merge(podMonitors, flux, nil)).To(BeEmpty())
	g.Expect(versions(r.Merge(configMaps, flux, nil))).To(Equal([]string{"x@20"}))
}
