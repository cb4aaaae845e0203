package served

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// schedule has the times of the next runs of discovery, at most so many. Each run takes as long.
func schedule(l *Rediscovery, pending bool, takes time.Duration, most int) []time.Duration {
	began := time.Now()
	var due []time.Duration
	for range most {
		started := time.Now()
		<-time.After(takes)
		wait := l.Next(started, pending)
		if wait == 0 {
			break
		}
		<-time.After(wait)
		due = append(due, time.Since(began))
	}
	return due
}

func TestDiscoveryIsRepeatedAfterAChangeAndWhilePending(t *testing.T) {
	const ms, s, m = time.Millisecond, time.Second, time.Minute
	for name, c := range map[string]struct {
		changed, pending bool
		takes            time.Duration
		most             int
		want             []time.Duration
	}{
		"without a change nothing is due":    {false, false, 0, 9, nil},
		"except what is pending":             {false, true, 0, 2, []time.Duration{5 * m, 10 * m}},
		"a change is followed by three runs": {true, false, 0, 9, []time.Duration{200 * ms, s, 5 * s}},
		"what is pending continues": {true, true, 0, 11, []time.Duration{
			200 * ms, s, 5 * s, 10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 320 * s, 620 * s, 920 * s}},
		"a run that began too early does not count": {true, false, 900 * ms, 9, []time.Duration{s, 5 * s}},
		"a long run counts for those that were due": {true, false, 30 * s, 9, []time.Duration{30*s + 100*ms}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &Rediscovery{}
				if c.changed {
					l.CRDChanged()
				}
				NewWithT(t).Expect(schedule(l, c.pending, c.takes, c.most)).To(Equal(c.want))
			})
		})
	}
}

func TestAChangeRestartsTheScheduleOfDiscovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		l := &Rediscovery{}
		l.CRDChanged()
		for range 9 {
			g.Expect(l.Next(time.Now(), false)).To(Equal(200*time.Millisecond), "no run of the schedule has begun")
		}
		<-time.After(time.Hour)
		g.Expect(l.Next(time.Now(), false)).To(BeZero())
		l.CRDChanged()
		g.Expect(l.Next(time.Now(), false)).To(Equal(200 * time.Millisecond))
	})
}
