package exporter

import (
	ordered "container/heap"
	"strings"
	"sync"
	"sync/atomic"
)

// budget is how much may be served of objects, of all kinds together, and shares it among their namespaces. Those that come first have what
// they need. The others get the same each, but for what one does not need, which is for those that need more. Its lock is that of every
// change of a store; readers need none.
type budget struct {
	mu   sync.Mutex
	max  int // 0 is no limit
	used int

	// first are the namespaces that come first, compatible those of which objects are told in the families that Flux once had.
	first      map[string]bool
	compatible Namespaces
	shares     map[string]*share
	// richest are the namespaces of which something is served, poorest those of which something is left out.
	richest, poorest ranking
	// touched are the stores of which objects have come to be served or left out since the last time somebody asked.
	touched map[*store]bool
	// most are the namespaces of which most is left out, as of the last change.
	most atomic.Pointer[[]omission]
}

// slack is how much more one namespace must have than another after it has left out an object for that, so that nothing comes and goes
// where they have about the same.
const slack = seriesOfObject + seriesOfCompatibility

func newBudget(most int) *budget {
	return &budget{max: most, shares: map[string]*share{}, richest: richest(), poorest: poorest(), touched: map[*store]bool{}}
}

// fits reports whether that much more is within the limit.
func (b *budget) fits(size int) bool { return b.max == 0 || b.used+size <= b.max }

// enter takes an object in, of which nothing is known yet: it is served where there is room that nobody waits for, else left out.
func (b *budget) enter(s *seat) {
	of := b.shareOf(s.key)
	s.share, s.place = of, noPlace
	s.entry.share = of
	if len(b.poorest.shares) == 0 && b.fits(of.size(s)) {
		b.serve(s)
		return
	}
	of.left.add(s)
	b.rank(of)
	b.touched[s.store] = true
	b.sort(of)
}

// shareOf is the share of an object's namespace.
func (b *budget) shareOf(key string) *share {
	namespace, _, namespaced := strings.Cut(key, "/")
	if !namespaced {
		namespace = ""
	}
	of := b.shares[namespace]
	if of == nil {
		of = newShare(strings.Clone(namespace))
		of.first = b.first[namespace]
		of.compatible.Store(b.compatible.Has(namespace))
		b.shares[of.namespace] = of
	}
	return of
}

// leave takes an object out.
func (b *budget) leave(s *seat) {
	of := s.share
	if s.seated {
		b.unseat(s)
	} else {
		of.left.remove(s)
		b.touched[s.store] = true
	}
	b.rank(of)
	if of.empty() {
		delete(b.shares, of.namespace)
	}
}

// resize takes up that an object counts otherwise than before.
func (b *budget) resize(s *seat, extra int32) {
	if s.seated {
		s.share.extra += int(extra - s.extra)
		b.used += int(extra - s.extra)
		b.rank(s.share)
	}
	s.extra = extra
}

// serve has an object served that is new, or was left out.
func (b *budget) serve(s *seat) {
	of := s.share
	of.served.add(s)
	of.extra += int(s.extra)
	b.used += of.size(s)
	s.seated = true
	b.rank(of)
	s.store.seat(s)
}

// unseat has the budget no longer count an object that is served.
func (b *budget) unseat(s *seat) {
	of := s.share
	of.served.remove(s)
	of.extra -= int(s.extra)
	b.used -= of.size(s)
	s.seated = false
}

// admit has an object served that was left out.
func (b *budget) admit(s *seat) {
	s.share.left.remove(s)
	b.touched[s.store] = true
	b.serve(s)
}

// dismiss leaves an object out that is served.
func (b *budget) dismiss(s *seat) {
	b.unseat(s)
	s.share.left.add(s)
	b.rank(s.share)
	b.touched[s.store] = true
	s.store.unseat(s)
}

func (b *budget) rank(of *share) {
	b.richest.rank(of, len(of.served.seats) > 0)
	b.poorest.rank(of, len(of.left.seats) > 0)
}

// sort has the first of a namespace's objects served, rather than others that come after them.
func (b *budget) sort(of *share) {
	for {
		next, last := of.left.first(), of.served.first()
		switch {
		case next == nil || last == nil || last.precedes(next):
			return
		case b.fits(of.size(next)):
			b.admit(next)
		default:
			b.dismiss(last)
		}
	}
}

// settle leaves out what is too much, and has served what there is room for, or a namespace is due.
func (b *budget) settle() {
	for b.max > 0 && b.used > b.max {
		b.dismiss(b.richest.first().served.first())
	}
	for b.advance() { //nolint:revive // all is done by the condition
	}
}

// advance takes a step to what is fair, and reports whether there was one to take.
func (b *budget) advance() bool {
	to := b.poorest.first()
	if to == nil {
		return false
	}
	next := to.left.first()
	if b.fits(to.size(next)) {
		b.admit(next)
		return true
	}
	from := b.richest.first()
	if from == nil || !gives(from, to) {
		return false
	}
	b.dismiss(from.served.first())
	return true
}

// gives reports whether one namespace has to leave out an object for one of another: because that comes first, or would still have less.
func gives(from, to *share) bool {
	if from.first != to.first {
		return to.first
	}
	return from.used()-from.size(from.served.first()) >= to.used()+to.size(to.left.first())+slack
}

// prefer sets which namespaces come first, and of which objects are told in the families that Flux once had too.
func (b *budget) prefer(first []string, compatible Namespaces) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.first = make(map[string]bool, len(first))
	for _, namespace := range first {
		b.first[namespace] = true
	}
	b.compatible = compatible
	b.used = 0
	for _, of := range b.shares {
		of.first = b.first[of.namespace]
		of.compatible.Store(compatible.Has(of.namespace))
		b.used += of.used()
	}
	ordered.Init(&b.richest)
	ordered.Init(&b.poorest)
	b.settle()
	b.changed()
}

// changed counts anew what is served and left out, and reports whether some of a kind have come to be left out, or none are any longer.
func (b *budget) changed() (changed bool) {
	if len(b.touched) == 0 {
		return false
	}
	for s := range b.touched {
		changed = s.count() || changed
	}
	clear(b.touched)
	b.summarise()
	return changed
}
