package exporter

import "sync/atomic"

// blockSize is the number of slots of a block.
const blockSize = 256

// block is an array of slots; an empty slot is nil.
type block [blockSize]atomic.Pointer[entry]

// index holds the entries of a kind. One writer changes it while others iterate without a lock. Entries keep the
// order in which they arrived, so that iteration is sequential in memory, which is most of the cost of a scrape of
// many objects.
type index struct {
	// blocks is replaced by a longer list when no slot is free.
	blocks atomic.Pointer[[]*block]
	// free lists the empty slots. Only the writer uses it.
	free []int
}

// get returns the entry in a slot.
func (x *index) get(slot int) *entry { return x.pointer(slot).Load() }

// add stores an entry in a free slot, and returns the slot.
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

// set replaces the entry in a slot.
func (x *index) set(slot int, e *entry) { x.pointer(slot).Store(e) }

// remove empties a slot. The slot is reused first, so that an object that returns at once is not iterated twice.
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

// pointer returns the address of a slot.
func (x *index) pointer(slot int) *atomic.Pointer[entry] {
	return &(*x.blocks.Load())[slot/blockSize][slot%blockSize]
}

// grow adds a block. Its first slot is used first.
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
