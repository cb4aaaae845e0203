package served

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// schedule is when looks are due, counted from now, until none is or there have been this many. Each takes as long.
func schedule(l *Rediscovery, pending bool, takes time.Duration, most int) []time.Duration {
	began := time.Now()
	var due []time.Duration
	for range most {
		looked := time.Now()
		<-time.After(takes)
		wait := l.Next(looked, pending)
		if wait == 0 {
			break
		}
		<-time.After(wait)
		due = append(due, time.Since(began))
	}
	return due
}

func TestWhatIsServedIsLookedAtAFewTimesAfterNewsAndEverLessOftenWhileSomethingIsPending(t *testing.T) {
	const ms, s, m = time.Millisecond, time.Second, time.Minute
	for name, c := range map[string]struct {
		news, pending bool
		takes         time.Duration
		most          int
		want          []time.Duration
	}{
		"without news nothing is due":         {false, false, 0, 9, nil},
		"but what is pending":                 {false, true, 0, 2, []time.Duration{5 * m, 10 * m}},
		"news are followed whatever is there": {true, false, 0, 9, []time.Duration{200 * ms, s, 5 * s}},
		"what is pending goes on": {true, true, 0, 11, []time.Duration{
			200 * ms, s, 5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 320 * s, 620 * s, 920 * s}},
		"a look that began before one was due does not stand for it": {true, false, 900 * ms, 9, []time.Duration{s, 5 * s}},
		"nor does one that took long":                                {true, false, 30 * s, 9, []time.Duration{30*s + 100*ms}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &Rediscovery{}
				if c.news {
					l.CRDChanged()
				}
				NewWithT(t).Expect(schedule(l, c.pending, c.takes, c.most)).To(Equal(c.want))
			})
		})
	}
}

func TestNewsBeginTheLooksAnewAndOtherLooksUseNoneUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		l := &Rediscovery{}
		l.CRDChanged()
		for range 9 {
			g.Expect(l.Next(time.Now(), false)).To(Equal(200*time.Millisecond), "they were for other causes")
		}
		<-time.After(time.Hour)
		g.Expect(l.Next(time.Now(), false)).To(BeZero())
		l.CRDChanged()
		g.Expect(l.Next(time.Now(), false)).To(Equal(200 * time.Millisecond))
	})
}
