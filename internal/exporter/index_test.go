package exporter

import (
	"maps"
	"slices"
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

func TestAnIndexEqualsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := NewWithT(t)
		var x index
		want := map[int]*entry{}
		for range rapid.IntRange(0, 3*blockSize).Draw(t, "changes") {
			if len(want) > 0 && rapid.Bool().Draw(t, "goes") {
				at := rapid.SampledFrom(slices.Sorted(maps.Keys(want))).Draw(t, "place")
				x.remove(at)
				delete(want, at)
				continue
			}
			e := &entry{text: strconv.Itoa(len(want))}
			at := x.add(e)
			g.Expect(want).NotTo(HaveKey(at))
			want[at] = e
		}
		entries := make([]*entry, 0, len(want))
		for at, e := range want {
			g.Expect(x.get(at)).To(BeIdenticalTo(e))
			entries = append(entries, e)
		}
		g.Expect(x.all()).To(ConsistOf(entries))
	})
}

func TestEntriesKeepTheirOrderAndSlotsAreReused(t *testing.T) {
	g := NewWithT(t)
	var x index
	g.Expect(x.all()).To(BeEmpty())
	for i := range 2*blockSize + 1 {
		x.add(&entry{text: strconv.Itoa(i)})
	}
	for i, e := range x.all() {
		g.Expect(e.text).To(Equal(strconv.Itoa(i)))
	}
	x.remove(7)
	g.Expect(x.add(&entry{text: "again"})).To(Equal(7))
	g.Expect(x.all()[7].text).To(Equal("again"))
	g.Expect(*x.blocks.Load()).To(HaveLen(3))
}

func TestIterationSeesWhatStaysDuringChanges(t *testing.T) {
	g := NewWithT(t)
	var x index
	x.add(&entry{text: "stays"})
	var changes sync.WaitGroup
	changes.Go(func() {
		for i := range 20 * blockSize {
			if at := x.add(&entry{}); i%3 == 0 {
				x.remove(at)
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
