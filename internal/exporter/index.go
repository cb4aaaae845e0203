package exporter

import "sync/atomic"

// blockSize is how many places a block has.
const blockSize = 256

// block is a number of places for entries; an empty one is nil.
type block [blockSize]atomic.Pointer[entry]

// index holds the entries of a kind. One at a time may change it; meanwhile anybody may go through it, without a lock. Entries
// lie in the order they came in, so that to go through them is to go through memory in its order: with many objects, waiting
// for memory is most of what a scrape does.
type index struct {
	// blocks are replaced by a longer list when all places are taken.
	blocks atomic.Pointer[[]*block]
	// free is for changes alone: which places are empty.
	free []int
}

// get returns the entry at a place.
func (x *index) get(slot int) *entry { return x.pointer(slot).Load() }

// add puts an entry in, and returns its place.
func (x *index) add(e *entry) int {
	if len(x.free) == 0 {
		x.grow()
	}
	last := len(x.free) - 1
	slot := x.free[last]
	x.free = x.free[:last]
	x.set(slot, e)
	return slot
}

// set replaces the entry at a place.
func (x *index) set(slot int, e *entry) { x.pointer(slot).Store(e) }

// remove takes the entry at a place out. Its place is the first to be taken again, so that what comes back at once is not met
// twice by who goes through just then.
func (x *index) remove(slot int) {
	x.pointer(slot).Store(nil)
	x.free = append(x.free, slot)
}

// each calls visit for every entry.
func (x *index) each(visit func(*entry)) {
	blocks := x.blocks.Load()
	if blocks == nil {
		return
	}
	for _, b := range *blocks {
		for i := range b {
			if e := b[i].Load(); e != nil {
				visit(e)
			}
		}
	}
}

// pointer is where an entry is.
func (x *index) pointer(slot int) *atomic.Pointer[entry] {
	return &(*x.blocks.Load())[slot/blockSize][slot%blockSize]
}

// grow adds a block, of which the first place is the first to be taken.
func (x *index) grow() {
	var blocks []*block
	if current := x.blocks.Load(); current != nil {
		blocks = append(blocks, *current...)
	}
	first := len(blocks) * blockSize
	blocks = append(blocks, new(block))
	x.blocks.Store(&blocks)
	for slot := first + blockSize - 1; slot >= first; slot-- {
		x.free = append(x.free, slot)
	}
}
