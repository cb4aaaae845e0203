package exporter

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// told is what an exporter says of how many objects it serves and leaves out: the names served of each kind, and the two counts.
func told(t testing.TB, stores ...*store) map[string]string {
	t.Helper()
	text := serving(stores...).text(false)
	said := map[string]string{}
	for _, s := range stores {
		kind := fmt.Sprintf(`kind="%s"`, s.form.kind.Name)
		var names []string
		for _, line := range samples(text, flux.StateInfo) {
			if strings.Contains(line, kind) {
				_, rest, _ := strings.Cut(line, `,name="`)
				name, _, _ := strings.Cut(rest, `"`)
				names = append(names, name)
			}
		}
		count := func(family string) string {
			for _, line := range samples(text, family) {
				if strings.Contains(line, kind) {
					return line[strings.LastIndexByte(line, ' ')+1:]
				}
			}
			return "none"
		}
		slices.Sort(names)
		said[s.form.kind.Name] = fmt.Sprintf("%s: %s, %s left out",
			strings.Join(names, " "), count(flux.StateCount), count(flux.StateOmitted))
	}
	return said
}

func TestWhatWasLeftOutIsServedWhenThereIsRoomAgain(t *testing.T) {
	type step struct {
		what string
		do   func(*limited)
		want map[string]string
	}
	both := func(kustomizations, repositories string) map[string]string {
		return map[string]string{"Kustomization": kustomizations, "OCIRepository": repositories}
	}
	l := newLimited(t, 3)
	for _, c := range []step{
		{"more than there is room for", func(l *limited) {
			l.put(0, "a", "True")
			l.put(0, "b", "True")
			l.put(1, "c", "True")
			l.put(1, "d", "True")
			l.put(0, "e", "True")
		}, both("a b: 3, 1 left out", "c: 2, 1 left out")},
		{"what came first comes first, whatever its kind", func(l *limited) { l.remove(0, "a") }, both("b: 2, 1 left out", "c d: 2, 0 left out")},
		{"the next", func(l *limited) { l.remove(1, "c") }, both("b e: 2, 0 left out", "d: 1, 0 left out")},
		{"what fails stays, and takes more room than there is", func(l *limited) {
			l.put(0, "b", "False")
			l.put(0, "f", "True")
		}, both("b e: 3, 1 left out", "d: 1, 0 left out")},
		{"no room yet", func(l *limited) { l.remove(1, "d") }, both("b e: 3, 1 left out", ": 0, 0 left out")},
		{"it recovers", func(l *limited) { l.put(0, "b", "True") }, both("b e f: 3, 0 left out", ": 0, 0 left out")},
		{"what is larger than the room waits for more", func(l *limited) {
			l.put(1, "g", "False")
			l.put(1, "h", "True")
			l.remove(0, "e")
		}, both("b f: 2, 0 left out", "h: 2, 1 left out")},
		{"it is deleted while it waits", func(l *limited) { l.remove(1, "g") }, both("b f: 2, 0 left out", "h: 1, 0 left out")},
		{"a list that has less", func(l *limited) {
			l.put(1, "i", "True")
			l.replace(0, "b")
		}, both("b: 1, 0 left out", "h i: 2, 0 left out")},
		{"a kind that is followed no longer", func(l *limited) {
			l.put(0, "j", "True")
			l.stores[1].close()
		}, both("b j: 2, 0 left out", "h i: 2, 0 left out")},
	} {
		c.do(l)
		NewWithT(t).Expect(told(t, l.stores...)).To(Equal(c.want), c.what)
	}
	NewWithT(t).Expect(l.changes).To(Equal(12), "each time some of a kind begin to be left out or none are any longer, and once for the list")
}

// limited are two kinds under one limit.
type limited struct {
	t       testing.TB
	stores  []*store
	changes int
}

func newLimited(t testing.TB, most int) *limited {
	l := &limited{t: t}
	b := &budget{max: most}
	for _, kind := range []flux.ServedKind{kustomizations, served("OCIRepository", "v1")} {
		l.stores = append(l.stores, newStore(newForm(kind, false), b, nil, func() { l.changes++ }))
	}
	return l
}

func (l *limited) read(of int, name, ready string) *object {
	return l.stores[of].read(l.t, state{ready: ready, turned: "10:00"}.json(name))
}

func (l *limited) put(of int, name, ready string) { _ = l.stores[of].Update(l.read(of, name, ready)) }

func (l *limited) remove(of int, name string) { _ = l.stores[of].Delete(l.read(of, name, "True")) }

func (l *limited) replace(of int, names ...string) {
	var items []any
	for _, name := range names {
		items = append(items, l.read(of, name, "True"))
	}
	_ = l.stores[of].Replace(items, "")
}

// modelled says in the plainest way what is served under a limit.
type modelled struct {
	most   int
	sizes  map[string]int
	served map[string]bool
	// waiting are those that are left out, in the order they came.
	waiting []string
}

func (m *modelled) used() (used int) {
	for key := range m.served {
		used += m.sizes[key]
	}
	return used
}

// put is an object that is new or has changed; what there is room for is served at the end of the change.
func (m *modelled) put(key string, size int) {
	m.sizes[key] = size
	if !m.served[key] && !slices.Contains(m.waiting, key) {
		m.waiting = append(m.waiting, key)
	}
}

func (m *modelled) remove(key string) {
	delete(m.served, key)
	m.waiting = slices.DeleteFunc(m.waiting, func(waits string) bool { return waits == key })
}

func (m *modelled) settle() {
	for i := 0; i < len(m.waiting); i++ {
		if key := m.waiting[i]; m.used()+m.sizes[key] <= m.most {
			m.served[key] = true
			m.waiting = slices.Delete(m.waiting, i, i+1)
			i = -1
		}
	}
}

func TestUnderALimitTheStoresServeWhatAModelWould(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLimited(t, rapid.IntRange(1, 8).Draw(rt, "limit"))
		b := l.stores[0].budget
		m := &modelled{most: b.max, sizes: map[string]int{}, served: map[string]bool{}}
		kind, name := rapid.IntRange(0, 1), rapid.SampledFrom(strings.Split("abcdefgh", ""))
		ready := rapid.SampledFrom([]string{"True", "False"})
		key := func(of int, name string) string { return l.stores[of].form.kind.Name + " " + name }
		put := func(of int, name, ready string) any {
			m.put(key(of, name), map[string]int{"True": 1, "False": 3}[ready])
			return l.read(of, name, ready)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"change": func(rt *rapid.T) {
				of := kind.Draw(rt, "kind")
				o := put(of, name.Draw(rt, "name"), ready.Draw(rt, "ready"))
				_ = l.stores[of].Update(o)
			},
			"delete": func(rt *rapid.T) {
				of, n := kind.Draw(rt, "kind"), name.Draw(rt, "name")
				l.remove(of, n)
				m.remove(key(of, n))
			},
			"list again": func(rt *rapid.T) {
				of := kind.Draw(rt, "kind")
				there := map[string]string{}
				for range rapid.IntRange(0, 8).Draw(rt, "objects") {
					there[name.Draw(rt, "name")] = ready.Draw(rt, "ready")
				}
				var items []any
				for _, n := range strings.Split("abcdefgh", "") {
					if _, is := there[n]; !is {
						m.remove(key(of, n))
					}
				}
				for _, n := range slices.Sorted(maps.Keys(there)) {
					items = append(items, put(of, n, there[n]))
				}
				_ = l.stores[of].Replace(items, "")
			},
			"": func(rt *rapid.T) {
				m.settle()
				want := map[string]string{}
				for of, s := range l.stores {
					var names []string
					omitted := 0
					for _, n := range strings.Split("abcdefgh", "") {
						if m.served[key(of, n)] {
							names = append(names, n)
						} else if slices.Contains(m.waiting, key(of, n)) {
							omitted++
						}
					}
					want[s.form.kind.Name] = fmt.Sprintf("%s: %d, %d left out", strings.Join(names, " "), len(names)+omitted, omitted)
				}
				if got := told(t, l.stores...); !maps.Equal(got, want) {
					rt.Fatalf("with room for %d the stores say %v, not %v", m.most, got, want)
				}
				if b.used != m.used() {
					rt.Fatalf("%d series are counted, not %d", b.used, m.used())
				}
			},
		})
	})
}

func TestAnObjectThatIsLeftOutKeepsSinceWhenItIsNotReady(t *testing.T) {
	g := NewWithT(t)
	b := &budget{max: 3}
	s := aStore(kustomizations, false, b, nil)
	put := func(name string, is state) { g.Expect(s.Update(s.read(t, is.json(name)))).To(Succeed()) }
	put("a", state{ready: "False", turned: "10:00"})
	put("b", state{ready: "False", turned: "10:10"})
	put("b", state{ready: "Unknown", turned: "10:20"}) // a retry
	g.Expect(s.Delete(s.read(t, state{}.json("a")))).To(Succeed())
	g.Expect(samples(serving(s).text(false), flux.StateNotReadySince)).To(ConsistOf(
		And(ContainSubstring(`name="b"`), HaveSuffix(fmt.Sprintf(" %d", unix([]byte(at("10:10"))))))))
}

func TestWhatIsLeftOutIsForgottenWithItsKind(t *testing.T) {
	g := NewWithT(t)
	l := newLimited(t, 1)
	l.put(0, "a", "True")
	for _, name := range []string{"b", "c", "d"} {
		l.put(1, name, "True")
		l.put(0, name, "False")
	}
	l.stores[1].close()
	g.Expect(told(t, l.stores[0])).To(Equal(map[string]string{"Kustomization": "a: 4, 3 left out"}))
	l.stores[0].close()
	g.Expect(l.stores[0].budget.leftOut).To(BeEmpty())
	g.Expect(l.stores[0].budget.used).To(BeZero())
}

// BenchmarkLimit is what a deletion costs where many are left out.
func BenchmarkLimit(b *testing.B) {
	s := aStore(kustomizations, true, &budget{max: 6 * many / 2}, nil)
	objects := make([]any, many)
	for i := range objects {
		objects[i] = s.read(b, benchmarked(b, i))
	}
	if err := s.Replace(objects, ""); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ { // each is deleted and comes back as the last
		_ = s.Delete(objects[i%many])
		_ = s.Update(s.read(b, benchmarked(b, i%many)))
	}
}
