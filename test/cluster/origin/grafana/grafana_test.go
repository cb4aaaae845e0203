package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOnlyTheAdministratorSeesWhatIsLoaded(t *testing.T) {
	g := &grafana{user: "admin", password: "right", folder: t.TempDir(), folders: true}
	const flux = `{"uid":"flux","title":"Flux"}`
	for name, content := range map[string]string{"GitOps/flux.json": flux, "none.json": "no dashboard"} {
		path := filepath.Join(g.folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		method, path, password string
		status                 int
		answer                 string
	}{
		{http.MethodGet, "/api/health", "", http.StatusOK, `{"database":"ok"}`},
		{http.MethodPost, "/api/admin/provisioning/dashboards/reload", "wrong", http.StatusUnauthorized, ``},
		{http.MethodGet, "/api/search", "right", http.StatusOK, `[]`},
		{http.MethodPost, "/api/admin/provisioning/dashboards/reload", "right", http.StatusOK, `{"message":"Dashboards config reloaded"}`},
		{http.MethodGet, "/api/search", "right", http.StatusOK, `[{"uid":"flux","title":"Flux","folderTitle":"GitOps"}]`},
		{http.MethodGet, "/api/dashboards/uid/flux", "right", http.StatusOK, `{"dashboard":` + flux + `,"meta":{"folderTitle":"GitOps"}}`},
		{http.MethodGet, "/api/dashboards/uid/flux", "", http.StatusUnauthorized, ``},
		{http.MethodGet, "/api/dashboards/uid/none", "right", http.StatusNotFound, `404 page not found`},
	} {
		request, response := httptest.NewRequest(step.method, step.path, nil), httptest.NewRecorder()
		request.SetBasicAuth("admin", step.password)
		g.handler().ServeHTTP(response, request)
		if answer := strings.TrimSpace(response.Body.String()); response.Code != step.status || answer != step.answer {
			t.Errorf("%s %s answers %d %s, not %d %s", step.method, step.path, response.Code, answer, step.status, step.answer)
		}
	}
}
