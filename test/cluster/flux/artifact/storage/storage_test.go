package storage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxcd/pkg/artifact/config"
	"github.com/fluxcd/pkg/artifact/storage"
)

func TestWhatIsArchivedCanBeVerifiedAndUnpacked(t *testing.T) {
	s := newStorage(t)
	source := t.TempDir()
	write(t, filepath.Join(source, "deploy", "app.yaml"), "kind: ConfigMap")
	write(t, filepath.Join(source, ".git", "config"), "[core]")
	artifact := s.NewArtifactFor("GitRepository", &metav1.ObjectMeta{Namespace: "apps", Name: "web"}, "main@sha1:1", "1.tar.gz")
	must(t, s.MkdirAll(artifact))
	must(t, s.Archive(&artifact, source, storage.SourceIgnoreFilter(nil, nil)))

	if want := "http://source-controller.flux-system/gitrepository/apps/web/1.tar.gz"; artifact.URL != want {
		t.Errorf("it is handed out at %s, not %s", artifact.URL, want)
	}
	must(t, s.VerifyArtifact(artifact))
	target := t.TempDir()
	must(t, s.CopyToPath(&artifact, "", target))
	if _, err := os.Stat(filepath.Join(target, "deploy", "app.yaml")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(target, ".git")); err == nil {
		t.Error("what Flux ignores was archived")
	}
	write(t, s.LocalPath(artifact), "something else")
	if s.VerifyArtifact(artifact) == nil {
		t.Error("a changed file passed for the artifact")
	}
}

func TestTheCurrentArtifactIsNeverCollected(t *testing.T) {
	s := newStorage(t)
	current := s.NewArtifactFor("GitRepository", &metav1.ObjectMeta{Namespace: "apps", Name: "web"}, "", "0.tar.gz")
	must(t, s.MkdirAll(current))
	for i, name := range []string{"0.tar.gz", "1.tar.gz", "2.tar.gz"} {
		file := filepath.Join(filepath.Dir(s.LocalPath(current)), name)
		write(t, file, name)
		old := time.Now().Add(-time.Hour * time.Duration(3-i))
		must(t, os.Chtimes(file, old, old))
	}
	removed, err := s.GarbageCollect(t.Context(), current, time.Second)
	must(t, err)
	if !s.ArtifactExist(current) || !strings.HasSuffix(strings.Join(removed, " "), "1.tar.gz") || len(removed) != 2 {
		t.Errorf("removed were %v", removed)
	}
}

func newStorage(t *testing.T) *storage.Storage {
	t.Helper()
	s, err := storage.New(&config.Options{
		StoragePath: t.TempDir(), StorageAdvAddress: "source-controller.flux-system",
		ArtifactRetentionTTL: time.Minute, ArtifactRetentionRecords: 2,
	})
	must(t, err)
	return s
}

func write(t *testing.T, file, content string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(t, os.WriteFile(file, []byte(content), 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
