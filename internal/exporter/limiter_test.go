package exporter

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// nameLabel is the name of an object in a line of an exposition.
var nameLabel = regexp.MustCompile(`,name="([^"]*)"`)

// samplesOf are the samples of a family that are of a kind.
func samplesOf(kind, exposition, family string) []string {
	others := func(line string) bool { return !strings.Contains(line, `customresource_kind="`+kind+`"`) }
	return slices.DeleteFunc(samples(exposition, family), others)
}

// summaries are of each kind the names of the objects that are exported, and the numbers of those exported and omitted.
func summaries(stores ...*store) map[string]string {
	text := newServingExporter(stores...).text(false)
	all := map[string]string{}
	for _, s := range stores {
		kind := s.schema.kind.Name
		var names []string
		for _, line := range samplesOf(kind, text, flux.StateInfo) {
			names = append(names, nameLabel.FindStringSubmatch(line)[1])
		}
		slices.Sort(names)
		all[kind] = fmt.Sprintf("%s: %s, %s omitted",
			strings.Join(names, " "), valueOf(samplesOf(kind, text, flux.StateCount)[0]), valueOf(samplesOf(kind, text, flux.StateOmitted)[0]))
	}
	return all
}

func TestOmittedObjectsReturnWhenThereIsRoom(t *testing.T) {
	both := func(kustomizations, repositories string) map[string]string {
		return map[string]string{"Kustomization": kustomizations, "OCIRepository": repositories}
	}
	l := newLimited(t, 3*seriesPerObject+2)
	for _, c := range []struct {
		what string
		do   func(*limited)
		want map[string]string
	}{
		{"more than there is room for", func(l *limited) {
			for _, name := range []string{"e", "b", "a"} {
				l.put(0, name, "True")
			}
			l.put(1, "d", "True")
			l.put(1, "c", "True")
		}, both("a b: 3, 1 omitted", "c: 2, 1 omitted")},
		{"the text of the next object must be read again", func(l *limited) { l.remove(0, "a") }, both("b: 2, 1 omitted", "c: 2, 1 omitted")},
		{"it has been read", (*limited).readAgain, both("b: 2, 1 omitted", "c d: 2, 0 omitted")},
		{"an event has the text too", func(l *limited) {
			l.remove(1, "c")
			l.put(0, "e", "True")
		}, both("b e: 2, 0 omitted", "d: 1, 0 omitted")},
		{"a failing object needs no more room", func(l *limited) {
			l.put(0, "b", "False")
			l.put(0, "e", "Unknown")
		}, both("b e: 2, 0 omitted", "d: 1, 0 omitted")},
		{"an object with a long text does", func(l *limited) { l.putLong(0, "b", 3) }, both("b: 2, 1 omitted", "d: 1, 0 omitted")},
		{"its text is short again", func(l *limited) {
			l.put(0, "b", "True")
			l.readAgain()
		}, both("b e: 2, 0 omitted", "d: 1, 0 omitted")},
		{"an object that is deleted while it is read again is dropped", func(l *limited) {
			l.put(0, "f", "True")
			l.remove(0, "b")
			l.remove(0, "f")
			l.readAgain()
		}, both("e: 1, 0 omitted", "d: 1, 0 omitted")},
		{"a list with fewer objects", func(l *limited) {
			l.put(1, "g", "True")
			l.put(1, "h", "True")
			l.replace(0)
			l.readAgain()
		}, both(": 0, 0 omitted", "d g h: 3, 0 omitted")},
		{"a kind that is no longer followed", func(l *limited) {
			l.put(0, "j", "True")
			l.stores[1].close()
			l.readAgain()
		}, both("j: 1, 0 omitted", "d g h: 3, 0 omitted")},
	} {
		c.do(l)
		NewWithT(t).Expect(summaries(l.stores...)).To(Equal(c.want), c.what)
	}
}

// limited are two kinds under one limit.
type limited struct {
	t       testing.TB
	stores  []*store
	changes int
	// there is what is in the cluster, of each kind, by key.
	there [2]map[string][]byte
}

func newLimited(t testing.TB, most int) *limited {
	l := &limited{t: t, there: [2]map[string][]byte{{}, {}}}
	b := newSeriesLimiter(most)
	for _, kind := range []flux.ServedKind{kustomizations, served("OCIRepository", "v1")} {
		l.stores = append(l.stores, newStore(newSchema(kind), b, nil, func() { l.changes++ }))
	}
	return l
}

// set puts an object into the cluster, and returns it. A name without a namespace is in team.
func (l *limited) set(of int, name string, raw func(namespace, name string) []byte) *object {
	namespace, name := within(name)
	l.there[of][namespace+"/"+name] = raw(namespace, name)
	return l.stores[of].read(l.t, l.there[of][namespace+"/"+name])
}

func within(name string) (namespace, its string) {
	if namespace, its, ok := strings.Cut(name, "/"); ok {
		return namespace, its
	}
	return "team", name
}

func (l *limited) put(of int, name, ready string) {
	_ = l.stores[of].Update(l.set(of, name, state{ready: ready, turned: "10:00"}.in))
}

// fill puts so many ready Kustomizations into a namespace.
func (l *limited) fill(namespace string, objects int) {
	for i := range objects {
		l.put(0, fmt.Sprintf("%s/%d", namespace, i), "True")
	}
}

// long is an object with so many further KiB of text.
func long(ready string, further int) func(namespace, name string) []byte {
	return func(namespace, name string) []byte {
		text := func(i int) string { return strings.Repeat("x", flux.MaxLabelValue*min(max(further-i, 0), 1)) }
		return fmt.Appendf(nil, `{"metadata":{"namespace":%q,"name":%q},"spec":{"sourceRef":{"kind":%q,"name":%q,"namespace":%q}},"status":{"lastAppliedRevision":%q,"conditions":[{"type":"Ready","status":%q}]}}`,
			namespace, name, text(0), text(1), text(2), text(3), ready)
	}
}

func (l *limited) putLong(of int, name string, further int) {
	_ = l.stores[of].Update(l.set(of, name, long("True", further)))
}

func (l *limited) remove(of int, name string) {
	namespace, name := within(name)
	delete(l.there[of], namespace+"/"+name)
	_ = l.stores[of].Delete(l.stores[of].read(l.t, state{}.in(namespace, name)))
}

func (l *limited) replace(of int, names ...string) {
	l.there[of] = map[string][]byte{}
	for _, name := range names {
		l.set(of, name, state{ready: "True"}.in)
	}
	l.list(of)
}

// list lists what is there, in any order.
func (l *limited) list(of int) {
	var items []any
	for _, raw := range l.there[of] {
		items = append(items, l.stores[of].read(l.t, raw))
	}
	_ = l.stores[of].Replace(items, "")
}

// readAgain reads what is awaited.
func (l *limited) readAgain() {
	for of, s := range l.stores {
		for key, ok := s.nextReread(); ok; key, ok = s.nextReread() {
			s.putReread(s.read(l.t, l.there[of][key]))
		}
	}
}

// served are how many objects are served of each namespace.
func (l *limited) served() map[string]int {
	counts := map[string]int{}
	for _, of := range l.stores[0].limiter.namespaces {
		if n := len(of.served.objects); n > 0 {
			counts[of.namespace] = n
		}
	}
	return counts
}

// The scenario of a tenant whose objects come first by name.
func TestOneTenantCannotUseUpTheLimit(t *testing.T) {
	g := NewWithT(t)
	l := newLimited(t, 600*seriesPerObject)
	l.stores[0].limiter.configure([]string{"flux-system"}, NamespaceSet{})
	for i := range 1100 {
		l.set(0, fmt.Sprintf("aaa-tenant/app-%d", i), state{ready: "True"}.in)
	}
	for i := range 20 {
		l.set(0, fmt.Sprintf("flux-system/app-%d", i), state{ready: "True"}.in)
		l.set(1, fmt.Sprintf("zzz-tenant/app-%d", i), state{ready: "True"}.in)
	}
	l.set(0, "flux-system/flux-system", state{ready: "True"}.in)
	for i := range 300 {
		l.set(1, fmt.Sprintf("bbb-tenant/app-%d", i), state{ready: "True"}.in)
	}
	l.list(0)
	l.list(1)
	l.readAgain()
	g.Expect(l.served()).To(Equal(map[string]int{"flux-system": 21, "zzz-tenant": 20, "aaa-tenant": 281, "bbb-tenant": 278}),
		"the two that have more than their share get the same, within a few objects")
	g.Expect(l.stores[0].limiter.used).To(BeNumerically("<=", 600*seriesPerObject))
	g.Expect(l.stores[0].limiter.mostOmitted()).To(Equal([]omittedCount{{"aaa-tenant", 819}, {"bbb-tenant", 22}}))
	g.Expect(samples(newServingExporter(l.stores...).text(false), flux.StateOmittedBy)).To(Equal([]string{
		`gotk_namespace_resources_omitted{exported_namespace="aaa-tenant"} 819`, `gotk_namespace_resources_omitted{exported_namespace="bbb-tenant"} 22`,
	}))
}

func TestPriorityNamespacesAreServedFirst(t *testing.T) {
	g := NewWithT(t)
	l := newLimited(t, 12*seriesPerObject)
	l.fill("a", 6)
	l.fill("b", 6)
	l.fill("first", 3)
	l.stores[0].limiter.configure([]string{"first"}, NamespaceSet{})
	g.Expect(l.served()).To(Equal(map[string]int{"first": 3, "a": 4, "b": 5}))
	l.fill("first", 15)
	g.Expect(l.served()).To(Equal(map[string]int{"first": 12}))
	l.stores[0].limiter.configure(nil, NamespaceSet{})
	g.Expect(l.served()).To(Equal(map[string]int{"first": 6, "a": 3, "b": 3}), "nothing comes and goes for less than a few objects")
}

func TestLegacyMetricsCountOnlyForTheirNamespace(t *testing.T) {
	g := NewWithT(t)
	l := newLimited(t, 20*seriesPerObject)
	l.fill("a", 10)
	l.fill("b", 10)
	b := l.stores[0].limiter
	g.Expect(l.served()).To(Equal(map[string]int{"a": 10, "b": 10}))
	b.configure(nil, NamespaceSet{Names: []string{"a"}})
	g.Expect(l.served()).To(Equal(map[string]int{"a": 3, "b": 10}), "the series are its own")
	text := newServingExporter(l.stores...).text(false)
	g.Expect(samples(text, flux.StateSuspended)).To(HaveLen(3))
	g.Expect(samples(text, flux.StateSuspended)).To(HaveEach(ContainSubstring(`namespace="a"`)))
	g.Expect(b.used).To(Equal(54))
	b.configure(nil, NamespaceSet{})
	l.readAgain()
	g.Expect(summaries(l.stores[0])).To(Equal(map[string]string{"Kustomization": "0 0 1 1 2 2 3 3 4 4 5 5 6 6 7 7 8 8 9 9: 20, 0 omitted"}))
}

func TestObjectsDoNotAlternateBetweenNamespaces(t *testing.T) {
	g := NewWithT(t)
	l := newLimited(t, 30*seriesPerObject)
	l.fill("a", 40)
	l.fill("b", 40)
	l.readAgain()
	before := l.served()["a"]
	for i := range 50 {
		l.remove(0, fmt.Sprintf("b/%d", i%3))
		g.Expect(l.served()["a"]).To(Equal(before))
		l.put(0, fmt.Sprintf("b/%d", i%3), "True")
		g.Expect(l.served()["a"]).To(Equal(before))
		l.put(0, fmt.Sprintf("b/%d", i%3), "False")
		g.Expect(l.served()["a"]).To(Equal(before))
	}
	_, awaited := l.stores[0].nextReread()
	g.Expect(awaited).To(BeFalse(), "events bring the objects of b back")
}

func TestAnOmittedObjectTakesLittleMemory(t *testing.T) {
	g := NewWithT(t)
	const objects = 2000
	l := newLimited(t, 10)
	before := heap()
	for i := range objects {
		o := l.stores[0].read(t, long("False", 4)("team", fmt.Sprint(i)))
		g.Expect(len(o.entry.text)).To(BeNumerically(">", 4000))
		g.Expect(l.stores[0].Update(o)).To(Succeed())
	}
	g.Expect((heap() - before) / objects).To(BeNumerically("<", 1000))
	g.Expect(l.stores[0].omitted.Load()).To(BeEquivalentTo(objects-1), "one fits")
}

// largest is the most that an object of these tests counts.
const largest = seriesPerObject + legacySeriesPerObject + 4

// fair is how much each namespace gets of what there is, where they get the same each, but for what one does not need.
func fair(demand map[string]int, room int) map[string]int {
	got, left := map[string]int{}, maps.Clone(demand)
	for len(left) > 0 {
		each := room / len(left)
		namespace, least := "", 0
		for n, d := range left {
			if namespace == "" || d < least || d == least && n < namespace {
				namespace, least = n, d
			}
		}
		got[namespace] = min(least, each)
		room -= got[namespace]
		delete(left, namespace)
	}
	return got
}

func TestAnySequenceOfEventsSharesTheLimitFairly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLimited(t, rapid.IntRange(1, 150).Draw(rt, "limit"))
		b := l.stores[0].limiter
		first, compatible := []string{}, []string{}
		namespaces := []string{"a", "b", "c", "d"}
		kind := rapid.IntRange(0, 1)
		name := rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom(namespaces).Draw(t, "namespace") + "/" + string(rune('a'+rapid.IntRange(0, 9).Draw(t, "name")))
		})
		some := rapid.SliceOfNDistinct(rapid.SampledFrom(namespaces), 0, 2, rapid.ID)
		rt.Repeat(map[string]func(*rapid.T){
			"change": func(rt *rapid.T) {
				of := kind.Draw(rt, "kind")
				raw := long(rapid.SampledFrom([]string{"True", "False"}).Draw(rt, "ready"), rapid.SampledFrom([]int{0, 0, 0, 0, 1, 4}).Draw(rt, "further"))
				_ = l.stores[of].Update(l.set(of, name.Draw(rt, "name"), raw))
			},
			"many appear": func(rt *rapid.T) {
				of, namespace := kind.Draw(rt, "kind"), rapid.SampledFrom(namespaces).Draw(rt, "namespace")
				for i := range 10 {
					l.put(of, namespace+"/"+string(rune('a'+i)), "True")
				}
			},
			"delete":     func(rt *rapid.T) { l.remove(kind.Draw(rt, "kind"), name.Draw(rt, "name")) },
			"list again": func(rt *rapid.T) { l.list(kind.Draw(rt, "kind")) },
			"prefer": func(rt *rapid.T) {
				first, compatible = some.Draw(rt, "first"), some.Draw(rt, "compatible")
				b.configure(first, NamespaceSet{Names: compatible})
			},
			"read again": func(*rapid.T) { l.readAgain() },
			"": func(rt *rapid.T) {
				l.checkCounts(rt)
				l.checkOrder(rt)
				l.checkShares(rt, first, compatible)
			},
		})
	})
}

// size is what an object counts, by what is in the cluster.
func (l *limited) size(of int, key string, compatible []string) int {
	namespace, _ := within(key)
	o, err := decodeObject(l.there[of][key], l.stores[of].schema)
	must(l.t, err)
	size := seriesPerObject + len(o.entry.text)/1024
	if slices.Contains(compatible, namespace) {
		size += legacySeriesPerObject
	}
	return size
}

// checkCounts holds what is counted against what is served.
func (l *limited) checkCounts(t *rapid.T) {
	text := newServingExporter(l.stores...).text(false)
	for of, s := range l.stores {
		for key, seat := range s.tracked {
			if seat.slot == noSlot && seat.entry.text != "" {
				t.Fatalf("the text of %s is kept, and not exported", key)
			}
		}
		if len(l.there[of]) != len(s.tracked) || int(s.served.Load()+s.omitted.Load()) != len(s.tracked) {
			t.Fatalf("of %d objects %d are known, and %d and %d counted", len(l.there[of]), len(s.tracked), s.served.Load(), s.omitted.Load())
		}
		if lines := len(samplesOf(s.schema.kind.Name, text, flux.StateInfo)); int(s.served.Load()) != lines {
			t.Fatalf("%d are exported, and %d are counted", lines, s.served.Load())
		}
	}
}

// checkOrder holds that of a namespace those are served that are first by name.
func (l *limited) checkOrder(t *rapid.T) {
	for _, of := range l.stores[0].limiter.namespaces {
		for _, served := range of.served.objects {
			for _, omitted := range of.omitted.objects {
				if omitted.precedes(served) {
					t.Fatalf("%s is exported, and %s is not", served.key, omitted.key)
				}
			}
		}
	}
}

// checkShares holds the shares against what is fair.
func (l *limited) checkShares(t *rapid.T, first, compatible []string) {
	b := l.stores[0].limiter
	demand, has := [2]map[string]int{{}, {}}, map[string]int{}
	total := 0
	for of, s := range l.stores {
		for key, seat := range s.tracked {
			namespace, _ := within(key)
			tier := 1
			if slices.Contains(first, namespace) {
				tier = 0
			}
			size := l.size(of, key, compatible)
			demand[tier][namespace] += size
			if seat.admitted {
				has[namespace] += size
				total += size
			}
		}
	}
	if total != b.used || total > b.max {
		t.Fatalf("%d are used of %d, and %d are counted", total, b.max, b.used)
	}
	room := b.max
	for _, tier := range demand {
		for namespace, due := range fair(tier, room) {
			if off := has[namespace] - due; off > 2*largest+hysteresis || off < -2*largest-hysteresis {
				t.Fatalf("%s has %d, and is due %d: %v of %v", namespace, has[namespace], due, has, demand)
			}
		}
		for namespace := range tier {
			room -= has[namespace]
		}
	}
}

func TestAnOmittedObjectKeepsItsNotReadyPeriod(t *testing.T) {
	g := NewWithT(t)
	b := newSeriesLimiter(seriesPerObject)
	s := newTestStore(kustomizations, false, b, nil)
	put := func(name string, is state) { g.Expect(s.Update(s.read(t, is.json(name)))).To(Succeed()) }
	put("a", state{ready: "False", turned: "10:00"})
	put("b", state{ready: "False", turned: "10:10"})
	retry := state{ready: "Unknown", turned: "10:20"}
	put("b", retry)
	g.Expect(s.Delete(s.read(t, state{}.json("a")))).To(Succeed())
	awaited, _ := s.nextReread()
	g.Expect(awaited).To(Equal("team/b"))
	s.putReread(s.read(t, retry.json("b")))
	g.Expect(samples(newServingExporter(s).text(false), flux.StateNotReadySince)).To(ConsistOf(
		And(ContainSubstring(`name="b"`), HaveSuffix(fmt.Sprintf(" %d", parseTime([]byte(at("10:10"))))))))
}

func TestOmittedObjectsGoWithTheirKind(t *testing.T) {
	g := NewWithT(t)
	l := newLimited(t, 5)
	for _, name := range []string{"a", "b", "c", "d"} {
		l.put(1, name, "True")
		l.put(0, name, "False")
	}
	l.stores[1].close()
	g.Expect(summaries(l.stores[0])).To(Equal(map[string]string{"Kustomization": "a: 4, 3 omitted"}))
	l.stores[0].close()
	b := l.stores[0].limiter
	g.Expect(b.namespaces).To(BeEmpty())
	g.Expect(b.richest.usages).To(BeEmpty())
	g.Expect(b.poorest.usages).To(BeEmpty())
	g.Expect(b.used).To(BeZero())
}

func TestBeginAndEndOfOmissionAreReportedOnce(t *testing.T) {
	g := NewWithT(t)
	l := newLimited(t, 2*seriesPerObject)
	for i, c := range []struct {
		do      func()
		changes int
	}{
		{func() { l.put(0, "a", "True"); l.put(0, "b", "True") }, 0},
		{func() { l.put(0, "c", "True") }, 1},
		{func() { l.put(0, "d", "True"); l.put(0, "a", "False") }, 0},
		{func() { l.remove(0, "d") }, 0},
		{func() { l.remove(0, "a") }, 0},
		{l.readAgain, 1},
	} {
		before := l.changes
		c.do()
		g.Expect(l.changes-before).To(Equal(c.changes), "step %d", i)
	}
}
