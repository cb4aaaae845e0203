package main

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// What is kept of notifications, in bytes: of one, and of all together. It is far below what the pod may take.
const (
	largestNotification = 1 << 20
	allNotifications    = 32 << 20
)

// notification is what one POST brought.
type notification struct {
	// At is when it arrived.
	At time.Time `json:"at"`
	// Body is the JSON it was; of an Alertmanager's webhook_configs, a template.Data with version and groupKey.
	Body json.RawMessage `json:"body"`

	name string
}

// notifications keeps what webhooks are sent, by the name at the end of the path, until it is asked to forget. The oldest
// go when there are too many.
type notifications struct {
	now  func() time.Time
	mu   sync.Mutex
	kept []notification
	size int // of all bodies, in bytes
}

// handler serves them: POST <name> keeps a body, GET <name> returns all of that name, the first to arrive first, and
// DELETE <name> forgets them.
func (n *notifications) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{name}", n.receive)
	mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(n.of(r.PathValue("name"))) //nolint:errcheck // The client is gone.
	})
	mux.HandleFunc("DELETE /{name}", func(w http.ResponseWriter, r *http.Request) {
		n.forget(r.PathValue("name"))
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// receive answers 413 to what is too large and 400 to what is no JSON. Alertmanager tries neither again.
func (n *notifications) receive(w http.ResponseWriter, r *http.Request) {
	arrived := n.now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestNotification))
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
	case !json.Valid(body):
		http.Error(w, "a notification is JSON", http.StatusBadRequest)
	default:
		n.keep(notification{arrived, body, r.PathValue("name")})
		w.WriteHeader(http.StatusNoContent)
	}
}

func (n *notifications) keep(one notification) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kept = append(n.kept, one)
	for n.size += len(one.Body); n.size > allNotifications; n.kept = slices.Delete(n.kept, 0, 1) {
		n.size -= len(n.kept[0].Body)
	}
}

// of returns those of a name, an empty list if there are none.
func (n *notifications) of(name string) []notification {
	n.mu.Lock()
	defer n.mu.Unlock()
	found := []notification{}
	for _, one := range n.kept {
		if one.name == name {
			found = append(found, one)
		}
	}
	return found
}

func (n *notifications) forget(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.kept = slices.DeleteFunc(n.kept, func(one notification) bool {
		if one.name == name {
			n.size -= len(one.Body)
		}
		return one.name == name
	})
}
