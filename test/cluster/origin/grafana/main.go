// Command grafana stands in for Grafana in the test bed: it answers what Grafana does about dashboards that a sidecar has written into
// a folder, to the administrator alone.
package main

import (
	"crypto/subtle"
	"encoding/json"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// settings are where the chart of Grafana mounts how dashboards are provided.
const settings = "/etc/grafana/provisioning/dashboards/sc-dashboardproviders.yaml"

func main() {
	provider, err := os.ReadFile(settings)
	if err != nil {
		log.Fatal(err)
	}
	g := &grafana{
		user: os.Getenv("GF_SECURITY_ADMIN_USER"), password: os.Getenv("GF_SECURITY_ADMIN_PASSWORD"),
		folder: "/tmp/dashboards", folders: strings.Contains(string(provider), "foldersFromFilesStructure: true"),
	}
	if g.user == "" || g.password == "" {
		log.Fatal("the administrator needs a name and a password")
	}
	server := &http.Server{Addr: ":3000", Handler: g.handler(), ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// dashboard is what Grafana answers about one.
type dashboard struct {
	UID    string `json:"uid"`
	Title  string `json:"title"`
	Folder string `json:"folderTitle,omitempty"`

	content json.RawMessage
}

// grafana has the dashboards that were in a folder when it was last told to read them.
type grafana struct {
	user, password, folder string
	// folders: a file in a folder gives a dashboard in a folder of that name; otherwise all are in the folder General.
	folders bool

	mu     sync.Mutex
	loaded []dashboard
}

func (g *grafana) handler() http.Handler {
	private := http.NewServeMux()
	private.HandleFunc("POST /api/admin/provisioning/dashboards/reload", func(w http.ResponseWriter, _ *http.Request) {
		if err := g.load(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, map[string]string{"message": "Dashboards config reloaded"})
	})
	private.HandleFunc("GET /api/search", func(w http.ResponseWriter, _ *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		answer(w, append([]dashboard{}, g.loaded...))
	})
	private.HandleFunc("GET /api/dashboards/uid/{uid}", func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		for _, d := range g.loaded {
			if d.UID == r.PathValue("uid") {
				answer(w, map[string]any{"dashboard": d.content, "meta": map[string]string{"folderTitle": d.Folder}})
				return
			}
		}
		http.NotFound(w, r)
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]string{"database": "ok"}) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); !same(user, g.user) || !same(password, g.password) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		private.ServeHTTP(w, r)
	})
	return mux
}

func same(given, want string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1
}

func answer(w http.ResponseWriter, content any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(content) //nolint:errcheck // The client is gone.
}

// load reads the dashboards in the folder. As in Grafana, a file that is none is skipped.
func (g *grafana) load() error {
	var found []dashboard
	err := filepath.WalkDir(g.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		d := dashboard{}
		if d.content, err = os.ReadFile(path); err != nil {
			return err
		}
		if inside, err := filepath.Rel(g.folder, filepath.Dir(path)); err == nil && g.folders && inside != "." {
			d.Folder = inside
		}
		if err := json.Unmarshal(d.content, &d); err != nil {
			log.Printf("%s: %v", path, err)
			return nil
		}
		found = append(found, d)
		return nil
	})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.loaded = found
	return err
}
