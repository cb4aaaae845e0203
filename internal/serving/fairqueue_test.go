package serving

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

func TestTheSourceWithFewestActiveIsNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		l := &fairQueue{capacity: 2, maxHold: time.Minute}
		var order []string
		inside := map[string]func(){}
		come := func(name, source string) {
			go func() {
				leave, err := l.acquire(t.Context(), source, nil)
				if err == nil {
					order, inside[name] = append(order, name), leave
				}
			}()
			synctest.Wait()
		}
		come("a1", "a")
		come("a2", "a")
		come("a3", "a")
		come("a4", "a")
		come("b1", "b")
		come("c1", "c")
		g.Expect(order).To(Equal([]string{"a1", "a2"}))
		for _, name := range []string{"a1", "a2", "b1", "a3", "c1", "a4"} {
			inside[name]()
			synctest.Wait()
		}
		g.Expect(order).To(Equal([]string{"a1", "a2", "b1", "a3", "c1", "a4"}))
		g.Expect(l.active).To(BeEmpty())
	})
}

func TestOverdueHoldersAreEvictedForWaitingOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		l := &fairQueue{capacity: 2, maxHold: 5 * time.Second}
		cuts := map[string]int{}
		enter := func(name string) error {
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
			defer cancel()
			var leave func()
			leave, err := l.acquire(ctx, name, func() {
				cuts[name]++
				go func() { leave() }()
			})
			return err
		}
		began := time.Now()
		g.Expect(enter("first")).To(Succeed())
		g.Expect(enter("second")).To(Succeed())
		time.Sleep(3 * time.Second)
		g.Expect(cuts).To(BeEmpty())
		g.Expect(enter("third")).To(Succeed())
		g.Expect(time.Since(began)).To(Equal(5 * time.Second))
		g.Expect(cuts).To(Equal(map[string]int{"first": 1}), "no more than wait are cut off")
	})
}

func TestWhoWaitsInVainLeavesTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		l := &fairQueue{capacity: 1, maxHold: time.Minute}
		leave, err := l.acquire(t.Context(), "a", nil)
		g.Expect(err).NotTo(HaveOccurred())
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		g.Expect(l.acquire(ctx, "b", nil)).Error().To(MatchError(context.DeadlineExceeded))
		g.Expect(l.waiting).To(BeEmpty())
		leave()
		g.Expect(l.active).To(BeEmpty())
	})
}
