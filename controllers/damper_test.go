package controllers

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/exporter"
)

func TestFaultsOfKindsAreReportedWithoutFlapping(t *testing.T) {
	away := func(kinds ...string) []exporter.KindFault {
		var faults []exporter.KindFault
		for _, kind := range kinds {
			faults = append(faults, exporter.KindFault{Kind: kind, Reason: "Unreachable"})
		}
		return faults
	}
	forbidden := []exporter.KindFault{{Kind: "b", Reason: "Forbidden"}}
	type step struct {
		at       time.Duration
		seen     []exporter.KindFault
		reported []exporter.KindFault
		again    time.Duration
	}
	const second = time.Second
	for name, steps := range map[string][]step{
		"an outage, from which kinds recover one by one": {
			{0, nil, nil, 0}, {10 * second, away("a"), nil, 65 * second}, {11 * second, away("a", "b"), nil, 65 * second},
			{12 * second, away("a", "b", "c"), nil, 0}, {time.Hour, away("a", "b", "c"), nil, 0},
			{time.Hour + second, away("b", "c"), nil, 65 * second}, {time.Hour + 40*second, away("c"), nil, 65 * second},
			{time.Hour + 99*second, nil, nil, 0},
		},
		"one that is refused for a moment after an outage": {
			{0, away("a"), nil, 65 * second}, {10 * second, forbidden, nil, 65 * second}, {60 * second, nil, nil, 0},
		},
		"one that goes on to fail": {
			{0, away("a"), nil, 65 * second}, {64 * second, away("a"), nil, second}, {65 * second, away("a"), away("a"), 0},
			{70 * second, nil, away("a"), 3 * second}, {73 * second, nil, nil, 0},
		},
		"one that may not be read": {{0, forbidden, nil, 3 * second}, {3 * second, forbidden, forbidden, 0}, {time.Hour, forbidden, forbidden, 0}},
		"a reported one, in an outage": {
			{0, forbidden, nil, 3 * second}, {3 * second, forbidden, forbidden, 0},
			{time.Hour, away("a", "b", "c"), forbidden, 0}, {time.Hour + second, forbidden, forbidden, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, start := damper{calm: 3 * second, recovery: 65 * second}, time.Now()
			for _, s := range steps {
				reported, again := d.faults(start.Add(s.at), s.seen, 3)
				NewWithT(t).Expect(reported).To(Equal(s.reported), "after %s", s.at)
				NewWithT(t).Expect(again).To(Equal(s.again), "after %s", s.at)
			}
		})
	}
}

func TestWithoutADelayFaultsAreReportedAtOnce(t *testing.T) {
	forbidden := []exporter.KindFault{{Kind: "b", Reason: "Forbidden"}}
	reported, again := (&damper{}).faults(time.Now(), forbidden, 3)
	NewWithT(t).Expect(reported).To(Equal(forbidden))
	NewWithT(t).Expect(again).To(BeZero())
}
