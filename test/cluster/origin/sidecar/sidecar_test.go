package main

import (
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"testing"

	"github.com/fluxmonitoring/operator/test/cluster/origin/api"
)

func TestTheFolderFollowsTheConfigMaps(t *testing.T) {
	const plain, inFolder = `{"metadata": {"namespace": "n", "name": "a", "resourceVersion": "1"}, "data": {"a.json": "1"}}`,
		`{"metadata": {"namespace": "n", "name": "b", "resourceVersion": "2", "annotations": {"grafana_folder": "Flux"}}, "data": {"b.json": "2"}}`
	items, reads := "", []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path + " " + r.URL.Query().Get("labelSelector") {
		case "/api/v1/configmaps grafana_dashboard=1":
			fmt.Fprintf(w, `{"items": [%s]}`, items)
		case "/api/v1/namespaces/n/configmaps/a ":
			reads = append(reads, "a")
			fmt.Fprint(w, plain)
		case "/api/v1/namespaces/n/configmaps/b ":
			reads = append(reads, "b")
			fmt.Fprint(w, inFolder)
		default:
			t.Errorf("%s is asked", r.URL)
		}
	}))
	t.Cleanup(server.Close)
	s := sidecar{
		API:      api.API{Client: server.Client(), Server: server.URL, Token: func() (string, error) { return "secret", nil }},
		selector: selector("grafana_dashboard", "1"), namespaces: "ALL", folder: t.TempDir(), annotation: "grafana_folder",
	}
	for _, step := range []struct {
		items   string
		changed bool
		files   []string
	}{
		{plain, true, []string{"a.json"}},
		{plain, false, []string{"a.json"}},
		{plain + "," + inFolder, true, []string{"Flux/b.json", "a.json"}},
		{inFolder, true, []string{"Flux/b.json"}},
	} {
		items = step.items
		changed, err := s.sync()
		if got := files(t, s.folder); err != nil || changed != step.changed || !slices.Equal(got, step.files) {
			t.Errorf("of %s there are %s, changed: %t, %v", step.items, got, changed, err)
		}
	}
	if want := []string{"a", "b"}; !slices.Equal(reads, want) {
		t.Errorf("%s are read, not %s", reads, want)
	}
}

func files(t *testing.T, folder string) []string {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if name, _ := filepath.Rel(folder, path); err == nil && !entry.IsDir() {
			found[filepath.ToSlash(name)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}
