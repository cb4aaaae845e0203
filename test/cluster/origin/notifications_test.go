package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// ask sends a request to the receiver and returns the status of the answer and its text.
func ask(n *notifications, method, name, body string) (int, string) {
	response := httptest.NewRecorder()
	n.handler().ServeHTTP(response, httptest.NewRequest(method, "/"+name, strings.NewReader(body)))
	return response.Code, strings.TrimSpace(response.Body.String())
}

// receiver returns one whose clock goes on by a second with each notification.
func receiver() *notifications {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &notifications{now: func() time.Time { now = now.Add(time.Second); return now }}
}

func TestNotificationsAreKeptByNameUntilTheyAreForgotten(t *testing.T) {
	n := receiver()
	for _, step := range []struct {
		method, name, body string
		status             int
		answer             string
	}{
		{http.MethodGet, "team", "", http.StatusOK, `[]`},
		{http.MethodPost, "team", `{"status": "firing"}`, http.StatusNoContent, ``},
		{http.MethodPost, "other", `{"status":"firing"}`, http.StatusNoContent, ``},
		{http.MethodPost, "team", `{"status":"resolved"}`, http.StatusNoContent, ``},
		{http.MethodGet, "team", "", http.StatusOK,
			`[{"at":"2026-01-01T00:00:01Z","body":{"status":"firing"}},{"at":"2026-01-01T00:00:03Z","body":{"status":"resolved"}}]`},
		{http.MethodDelete, "team", "", http.StatusNoContent, ``},
		{http.MethodGet, "team", "", http.StatusOK, `[]`},
		{http.MethodGet, "other", "", http.StatusOK, `[{"at":"2026-01-01T00:00:02Z","body":{"status":"firing"}}]`},
	} {
		status, answer := ask(n, step.method, step.name, step.body)
		if status != step.status || answer != step.answer {
			t.Errorf("%s %s answers %d %s, not %d %s", step.method, step.name, status, answer, step.status, step.answer)
		}
	}
	if n.size != len(`{"status":"firing"}`) {
		t.Errorf("%d bytes count as kept", n.size)
	}
}

func TestInvalidNotificationsAreRefused(t *testing.T) {
	n := receiver()
	for body, want := range map[string]int{
		"":          http.StatusBadRequest,
		"status: 1": http.StatusBadRequest,
		`"` + strings.Repeat("x", largestNotification) + `"`: http.StatusRequestEntityTooLarge,
	} {
		if status, _ := ask(n, http.MethodPost, "team", body); status != want {
			t.Errorf("%.20s is answered with %d, not %d", body, status, want)
		}
	}
	if status, _ := ask(n, http.MethodPut, "team", "{}"); status != http.StatusMethodNotAllowed {
		t.Errorf("PUT is answered with %d", status)
	}
	if got := n.of("team"); len(got) != 0 {
		t.Errorf("%d were kept", len(got))
	}
}

func TestOldestNotificationsAreDroppedAtTheLimit(t *testing.T) {
	n := receiver()
	large := `"` + strings.Repeat("x", largestNotification-2) + `"`
	const fit = allNotifications / largestNotification
	ask(n, http.MethodPost, "first", `"small"`)
	for range fit {
		ask(n, http.MethodPost, "team", large)
	}
	if first, team := len(n.of("first")), len(n.of("team")); first != 0 || team != fit {
		t.Errorf("%d of the first and %d of the others are kept, not 0 and %d", first, team, fit)
	}
	ask(n, http.MethodPost, "team", `"small"`)
	kept := n.of("team")
	if first, last := len(kept[0].Body), string(kept[len(kept)-1].Body); len(kept) != fit || first != largestNotification || last != `"small"` {
		t.Errorf("%d are kept, from one of %d bytes to %.10s", len(kept), first, last)
	}
}
