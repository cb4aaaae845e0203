package controllers

import (
	"net/http"
	"testing"

	. "github.com/onsi/gomega"
)

func TestAReplicaIsReadyBeforeItLeadsAndOnceItKnowsTheCluster(t *testing.T) {
	elected := make(chan struct{})
	var kinds, state bool
	unfilled := errUnfilled
	ready := readiness(func(*http.Request) error { return unfilled }, elected, func() bool { return kinds }, func() bool { return state })
	g := NewWithT(t)
	g.Expect(ready(nil)).To(MatchError(errUnfilled), "it cannot read")
	unfilled = nil
	g.Expect(ready(nil)).To(Succeed(), "it waits")
	close(elected)
	g.Expect(ready(nil)).To(MatchError(errUnread), "it leads")
	kinds = true
	g.Expect(ready(nil)).To(MatchError(errUnread), "it knows half")
	state = true
	g.Expect(ready(nil)).To(Succeed(), "it knows all")
}
