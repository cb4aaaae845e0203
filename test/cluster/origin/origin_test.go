package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func TestArtifactHasTheMediaTypesOfFlux(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	reference := strings.TrimPrefix(server.URL, "http://") + "/hello:latest"
	must(t, push(reference, hello))
	ref, err := name.ParseReference(reference, name.Insecure)
	must(t, err)
	image, err := remote.Image(ref)
	must(t, err)
	manifest, err := image.Manifest()
	must(t, err)
	got := fmt.Sprint(manifest.Config.MediaType, " ", len(manifest.Layers), " ", manifest.Layers[0].MediaType)
	if want := string(configType) + " 1 " + string(contentType); got != want {
		t.Errorf("it is %s, not %s", got, want)
	}
}

func TestTheHelmRepositoryServesTheChartItLists(t *testing.T) {
	charts, err := helmRepository()
	must(t, err)
	for path, status := range map[string]int{
		"/index.yaml": http.StatusOK, "/hello-0.1.0.tgz": http.StatusOK, "/web-0.2.0.tgz": http.StatusOK, "/other.tgz": http.StatusNotFound,
	} {
		response := httptest.NewRecorder()
		charts.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		if response.Code != status {
			t.Errorf("%s answers %d, not %d", path, response.Code, status)
		}
	}
}

func TestTheGitRepositoryCanBeCloned(t *testing.T) {
	repository, err := gitRepository(map[string]string{"long": strings.Repeat("0123456789", 1000), "short": "hello\n"})
	must(t, err)
	server := httptest.NewServer(repository)
	t.Cleanup(server.Close)
	for _, depth := range []string{"--depth=1", "--no-hardlinks"} {
		clone(t, server.URL, depth)
	}
}

// clone clones a repository, checks it, and returns its folder.
func clone(t *testing.T, url string, flags ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "clone")
	if out, err := exec.Command("git", append([]string{"clone", url, to}, flags...)...).CombinedOutput(); err != nil {
		t.Fatalf("git clone: %v: %s", err, out)
	}
	if out, err := exec.Command("git", "-C", to, "fsck", "--strict").CombinedOutput(); err != nil {
		t.Errorf("git fsck: %v: %s", err, out)
	}
	return to
}

func TestPublishedFilesCanBeClonedAndReplaced(t *testing.T) {
	registered := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(registered.Close)
	server := httptest.NewServer(&published{registry: strings.TrimPrefix(registered.URL, "http://"), repositories: map[string]http.Handler{}})
	t.Cleanup(server.Close)
	for _, content := range []string{"first", "second"} {
		put(t, server.URL+"/fleet", `{"folder/inner/file": "`+content+`", "folder.txt": "beside", "file": "`+content+`"}`, http.StatusNoContent)
		if got, err := os.ReadFile(filepath.Join(clone(t, server.URL+"/fleet.git"), "folder", "inner", "file")); err != nil || string(got) != content {
			t.Errorf("the file holds %q, not %q: %v", got, content, err)
		}
		ref, err := name.ParseReference(strings.TrimPrefix(registered.URL, "http://")+"/fleet:latest", name.Insecure)
		must(t, err)
		_, err = remote.Image(ref)
		must(t, err)
	}
	put(t, server.URL+"/fleet", "no JSON", http.StatusBadRequest)
}

func put(t *testing.T, url, body string, want int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, strings.NewReader(body))
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	response.Body.Close() //nolint:errcheck // It was not read.
	if response.StatusCode != want {
		t.Errorf("PUT %s answers %d, not %d", url, response.StatusCode, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
