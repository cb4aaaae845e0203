package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func TestTheArtifactIsOneOfFlux(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	reference := strings.TrimPrefix(server.URL, "http://") + "/hello:latest"
	if err := push(reference); err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(ref)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(manifest.Config.MediaType, " ", len(manifest.Layers), " ", manifest.Layers[0].MediaType)
	if want := string(configType) + " 1 " + string(contentType); got != want {
		t.Errorf("it is %s, not %s", got, want)
	}
}

func TestTheHelmRepositoryServesTheChartItLists(t *testing.T) {
	charts, err := helmRepository()
	if err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{"/index.yaml": http.StatusOK, "/hello-0.1.0.tgz": http.StatusOK, "/other.tgz": http.StatusNotFound} {
		response := httptest.NewRecorder()
		charts.ServeHTTP(response, httptest.NewRequest(http.MethodGet, path, nil))
		if response.Code != status {
			t.Errorf("%s answers %d, not %d", path, response.Code, status)
		}
	}
}

func TestTheGitRepositoryCanBeCloned(t *testing.T) {
	repository, err := gitRepository(map[string]string{"long": strings.Repeat("0123456789", 1000), "short": "hello\n"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(repository)
	t.Cleanup(server.Close)
	for _, depth := range []string{"--depth=1", "--no-hardlinks"} {
		to := filepath.Join(t.TempDir(), "clone")
		if said, err := exec.Command("git", "clone", depth, server.URL, to).CombinedOutput(); err != nil {
			t.Fatalf("git clone: %v: %s", err, said)
		}
		if said, err := exec.Command("git", "-C", to, "fsck", "--strict").CombinedOutput(); err != nil {
			t.Errorf("git fsck: %v: %s", err, said)
		}
	}
}
