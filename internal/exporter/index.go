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
	// places and free are for changes alone: where the entry of a key is, and which places are empty.
	places map[string]int
	free   []int
}

// get returns the entry of a key; nil where there is none. It is for who may change the index.
func (x *index) get(key string) *entry {
	if at, ok := x.places[key]; ok {
		return x.place(at).Load()
	}
	return nil
}

// put sets the entry of a key.
func (x *index) put(key string, e *entry) {
	at, ok := x.places[key]
	if !ok {
		at = x.take(key)
	}
	x.place(at).Store(e)
}

// remove takes the entry of a key out. Its place is the first to be taken again, so that what comes back at once is not met
// twice by who goes through just then.
func (x *index) remove(key string) {
	if at, ok := x.places[key]; ok {
		x.place(at).Store(nil)
		delete(x.places, key)
		x.free = append(x.free, at)
	}
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

// place is where an entry is.
func (x *index) place(at int) *atomic.Pointer[entry] {
	return &(*x.blocks.Load())[at/blockSize][at%blockSize]
}

// take gives a key a place.
func (x *index) take(key string) int {
	if x.places == nil {
		x.places = map[string]int{}
	}
	if len(x.free) == 0 {
		x.grow()
	}
	last := len(x.free) - 1
	at := x.free[last]
	x.free = x.free[:last]
	x.places[key] = at
	return at
}

// grow adds a block, of which the first place is the first to be taken.
func (x *index) grow() {
	var blocks []*block
	if now := x.blocks.Load(); now != nil {
		blocks = append(blocks, *now...)
	}
	first := len(blocks) * blockSize
	blocks = append(blocks, new(block))
	x.blocks.Store(&blocks)
	for at := first + blockSize - 1; at >= first; at-- {
		x.free = append(x.free, at)
	}
}
