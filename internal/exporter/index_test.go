package exporter

import (
	"strconv"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"
)

// all are the entries of an index, in order.
func (x *index) all() []*entry {
	var entries []*entry
	x.each(func(e *entry) { entries = append(entries, e) })
	return entries
}

func TestAnIndexHoldsWhatAMapWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		var x index
		want := map[string]*entry{}
		for range rapid.IntRange(0, 3*blockSize).Draw(t, "changes") {
			key := strconv.Itoa(rapid.IntRange(0, 2*blockSize).Draw(t, "key"))
			if rapid.Bool().Draw(t, "goes") {
				x.remove(key)
				delete(want, key)
				continue
			}
			want[key] = &entry{text: key}
			x.put(key, want[key])
		}
		entries := make([]*entry, 0, len(want))
		for key, e := range want {
			g.Expect(x.get(key)).To(BeIdenticalTo(e))
			entries = append(entries, e)
		}
		g.Expect(x.all()).To(ConsistOf(entries))
		g.Expect(x.places).To(HaveLen(len(want)))
	})
}

func TestEntriesAreInTheOrderTheyCameInAndAPlaceIsTakenAgain(t *testing.T) {
	g := NewWithT(t)
	var x index
	g.Expect(x.all()).To(BeEmpty())
	g.Expect(x.get("a")).To(BeNil())
	for i := range 2*blockSize + 1 {
		x.put(strconv.Itoa(i), &entry{text: strconv.Itoa(i)})
	}
	for i, e := range x.all() {
		g.Expect(e.text).To(Equal(strconv.Itoa(i)))
	}
	x.remove("7")
	x.put("again", &entry{text: "again"})
	g.Expect(x.all()[7].text).To(Equal("again"))
	g.Expect(*x.blocks.Load()).To(HaveLen(3))
}

func TestWhoGoesThroughAnIndexMeetsWhatStaysWhileOthersComeAndGo(t *testing.T) {
	g := NewWithT(t)
	var x index
	x.put("stays", &entry{text: "stays"})
	var changes sync.WaitGroup
	changes.Go(func() {
		for i := range 20 * blockSize {
			x.put(strconv.Itoa(i), &entry{})
			if i%3 == 0 {
				x.remove(strconv.Itoa(i / 2))
			}
		}
	})
	for range 100 {
		met := 0
		x.each(func(e *entry) {
			if e.text == "stays" {
				met++
			}
		})
		g.Expect(met).To(Equal(1))
	}
	changes.Wait()
}
