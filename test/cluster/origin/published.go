package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// largestPublished is how large a set of files may be as JSON, in bytes.
const largestPublished = 1 << 20

// published are sets of files that tests give the origin and change: each is a Git repository, and an artifact in the
// registry. A new set takes the place of the one of that name, as a forced push does.
type published struct {
	registry     string // host and port
	mu           sync.RWMutex
	repositories map[string]http.Handler
}

// ServeHTTP takes a PUT of NAME, with a JSON object of paths to contents, and serves what Git asks below NAME.git/.
func (p *published) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /{name}", p.publish)
	mux.HandleFunc("/{repository}/", func(w http.ResponseWriter, r *http.Request) {
		p.mu.RLock()
		repository, found := p.repositories[r.PathValue("repository")]
		p.mu.RUnlock()
		if !found {
			http.NotFound(w, r)
			return
		}
		http.StripPrefix("/"+r.PathValue("repository"), repository).ServeHTTP(w, r)
	})
	mux.ServeHTTP(w, r)
}

func (p *published) publish(w http.ResponseWriter, r *http.Request) {
	files := map[string]string{}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestPublished)).Decode(&files); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name := r.PathValue("name")
	repository, err := gitRepository(files)
	if err == nil {
		err = push(fmt.Sprintf("%s/%s:latest", p.registry, name), files)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.repositories[name+".git"] = repository
	w.WriteHeader(http.StatusNoContent)
}
