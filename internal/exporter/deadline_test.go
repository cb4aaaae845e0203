package exporter

import (
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/internal/flux"
)

func TestDeadlineFollowsTimeoutAndPassesOnFailure(t *testing.T) {
	progress := state{ready: "Unknown", reason: "Progressing", turned: "10:00", interval: "10m", timeout: "1h"}
	then := func(ready, reason, turned string) state {
		s := progress
		s.ready, s.reason, s.turned = ready, reason, turned
		return s
	}
	quick, endless, hinted, stalled, restarted := progress, progress, progress, progress, progress
	quick.timeout, endless.timeout, hinted.failures, stalled.stalled = "", "endless", 3, true
	restarted.history = tried("HealthCheckFailed", "09:10", "09:58") + "," + tried(statusSucceeded, "01:00", "09:00")
	for name, c := range map[string]struct {
		states []state
		want   string
	}{
		"a ready object has none":                     {[]state{then("True", "ReconciliationSucceeded", "10:00")}, ""},
		"what progresses has its timeout":             {[]state{progress}, "11:00"},
		"what progresses without a timeout has none":  {[]state{quick}, "10:00"},
		"what cannot be read is no timeout":           {[]state{endless}, "10:00"},
		"the next reconciliation does not prolong it": {[]state{progress, then("Unknown", "ProgressingWithRetry", "10:00")}, "11:00"},
		"an object that its controller has not seen":  {[]state{{interval: "10m", timeout: "1h"}}, "00:01"},
		"and when it is seen":                         {[]state{{interval: "10m", timeout: "1h"}, progress}, "11:00"},
		"a failure ends it":                           {[]state{progress, then("False", "HealthCheckFailed", "10:20")}, "10:20"},
		"a retry is no progress": {[]state{progress, then("False", "InstallFailed", "10:20"),
			then("Unknown", "Progressing", "10:21")}, "10:20"},
		"nor are many": {[]state{then("False", "InstallFailed", "10:20"), then("Unknown", "Progressing", "10:21"),
			then("False", "UpgradeFailed", "10:22"), then("Unknown", "Progressing", "10:23")}, "10:20"},
		"nor is to wait between them for what it depends on": {[]state{then("False", "BuildFailed", "10:20"),
			then("False", "DependencyNotReady", "10:21"), then("Unknown", "Progressing", "10:22")}, "10:20"},
		"once it was ready all is forgotten": {[]state{then("False", "BuildFailed", "09:20"), then("True", "ReconciliationSucceeded", "09:30"),
			progress}, "11:00"},
		"and once it was suspended": {[]state{then("False", "BuildFailed", "09:20"), {ready: "False", turned: "09:20", suspended: true},
			progress}, "11:00"},
		"what waits has none":                               {[]state{then("False", "DependencyNotReady", "10:00")}, ""},
		"its time begins when it no longer waits":           {[]state{then("False", "DependencyNotReady", "08:00"), progress}, "11:00"},
		"what has no source yet is idle":                    {[]state{then("False", "ArtifactFailed", "10:00")}, "10:00"},
		"and progresses when it has":                        {[]state{then("False", "ArtifactFailed", "09:50"), progress}, "11:00"},
		"so does a release whose chart is fetched first":    {[]state{progress, then("False", "SourceNotReady", "10:01"), then("Unknown", "Progressing", "10:02")}, "11:02"},
		"a source that is lost on the way is a failure":     {[]state{progress, then("False", "ArtifactFailed", "10:01"), then("Unknown", "Progressing", "10:02")}, "10:01"},
		"a newer revision is no failure":                    {[]state{progress, then("False", "HealthCheckCanceled", "10:30"), then("Unknown", "Progressing", "10:30")}, "11:00"},
		"what is stalled has failed":                        {[]state{stalled}, "10:00"},
		"history has a failure from before it was seen":     {[]state{restarted}, "09:10"},
		"a HelmRelease counts its failures":                 {[]state{hinted}, "10:00"},
		"a failure that nobody has seen counts as well":     {[]state{then("True", "ReconciliationSucceeded", "09:00"), hinted}, "10:00"},
		"a condition that vanishes leaves what was known":   {[]state{then("False", "BuildFailed", "09:20"), {}}, "09:20"},
		"a failure that is seen first is since it happened": {[]state{then("False", "BuildFailed", "09:20")}, "09:20"},
	} {
		t.Run(name, func(t *testing.T) {
			kind := kustomizations
			if c.states[len(c.states)-1].failures > 0 {
				kind = served("HelmRelease", "v2")
			}
			NewWithT(t).Expect(timeAfter(t, kind, c.states, flux.StateDeadline)).To(Equal(c.want))
		})
	}
}

// The failure lasts for a moment, as the next try begins at once: each change is an event of its own, and none of them may be lost.
func TestAnImmediateRetryDoesNotHideAFailure(t *testing.T) {
	c := newCluster(t)
	e := c.exporter(Options{}, kustomizations)
	o := c.create(kustomizations, "apps", `spec: {interval: 10m, timeout: 1h, prune: true, sourceRef: {kind: GitRepository, name: apps}}`)
	is := func(status, reason, turned string) {
		c.status(o, map[string]any{"conditions": []any{map[string]any{
			"type": "Ready", "status": status, "reason": reason, "message": "", "lastTransitionTime": at(turned)}}})
	}
	deadline := func() string {
		for _, line := range samples(e.text(false), flux.StateDeadline) {
			if strings.Contains(line, `exported_namespace="`+o.GetNamespace()+`"`) {
				return clockOf(valueOf(line))
			}
		}
		return ""
	}
	is("Unknown", "Progressing", "10:00")
	eventually(t, deadline).Should(Equal("11:00"))
	for _, minute := range []string{"10:03", "10:05", "10:07"} {
		is("False", "HealthCheckFailed", minute)
		is("Unknown", "Progressing", minute)
	}
	eventually(t, deadline).Should(Equal("10:03"))
	is("True", "ReconciliationSucceeded", "10:10")
	eventually(t, deadline).Should(BeEmpty())
	is("Unknown", "Progressing", "10:20")
	eventually(t, deadline).Should(Equal("11:20"))
}

// At rest every object is ready: then there is no series of a time. There is room for them all the same.
func TestOnlyNotReadyObjectsHaveTimes(t *testing.T) {
	g := NewWithT(t)
	b := newSeriesLimiter(0)
	s := newTestStore(kustomizations, false, b, nil)
	put := func(name, ready, reason string) {
		g.Expect(s.Update(s.read(t, state{ready: ready, reason: reason, turned: "10:00", timeout: "1h"}.json(name)))).To(Succeed())
	}
	expect := func(notReady, deadlines int) {
		text := newServingExporter(s).text(false)
		g.Expect(samples(text, flux.StateNotReadySince)).To(HaveLen(notReady))
		g.Expect(samples(text, flux.StateDeadline)).To(HaveLen(deadlines))
		g.Expect(b.used).To(Equal(30))
	}
	ready := func() {
		for i := range 10 {
			put(fmt.Sprint("app-", i), "True", "ReconciliationSucceeded")
		}
	}
	ready()
	expect(0, 0)
	put("app-0", "False", "BuildFailed")
	put("app-1", "Unknown", "Progressing")
	put("app-2", "False", "DependencyNotReady")
	expect(3, 2)
	ready()
	expect(0, 0)
}
