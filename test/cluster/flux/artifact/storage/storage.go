// Package storage keeps what Flux's sources fetched, as files that the artifact server hands out.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fluxcd/pkg/apis/meta"
	"github.com/opencontainers/go-digest"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxcd/pkg/artifact/config"
)

// Storage is a folder of artifacts and the host name they are handed out at.
type Storage struct {
	// BasePath is the folder, Hostname the server in front of it.
	BasePath, Hostname string
	// ArtifactRetentionTTL and ArtifactRetentionRecords tell how long, and how many, old artifacts are kept.
	ArtifactRetentionTTL     time.Duration
	ArtifactRetentionRecords int
}

// New returns the storage the options describe.
func New(o *config.Options) (*Storage, error) {
	if info, err := os.Stat(o.StoragePath); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%q is no folder to store artifacts in", o.StoragePath)
	}
	return &Storage{o.StoragePath, o.StorageAdvAddress, o.ArtifactRetentionTTL, o.ArtifactRetentionRecords}, nil
}

// NewArtifactFor returns the artifact of an object's revision, without content yet.
func (s Storage) NewArtifactFor(kind string, object metav1.Object, revision, file string) meta.Artifact {
	artifact := meta.Artifact{
		Path:     path.Join(strings.ToLower(kind), object.GetNamespace(), object.GetName(), file),
		Revision: revision,
	}
	s.SetArtifactURL(&artifact)
	return artifact
}

// SetArtifactURL sets the URL the artifact is handed out at.
func (s Storage) SetArtifactURL(artifact *meta.Artifact) {
	if artifact.Path == "" {
		return
	}
	artifact.URL = s.url(artifact.Path)
}

func (s Storage) url(file string) string {
	host := s.Hostname
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	return strings.TrimSuffix(host, "/") + "/" + strings.TrimPrefix(file, "/")
}

// SetHostname replaces the host of a URL by the storage's.
func (s Storage) SetHostname(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.Host = s.Hostname
	return u.String()
}

// LocalPath is the artifact's file.
func (s Storage) LocalPath(artifact meta.Artifact) string {
	if artifact.Path == "" {
		return ""
	}
	return filepath.Join(s.BasePath, filepath.Clean("/"+artifact.Path))
}

// MkdirAll makes the artifact's folder.
func (s Storage) MkdirAll(artifact meta.Artifact) error {
	return os.MkdirAll(filepath.Dir(s.LocalPath(artifact)), 0o770)
}

// Remove removes the artifact's file.
func (s Storage) Remove(artifact meta.Artifact) error { return os.Remove(s.LocalPath(artifact)) }

// RemoveAll removes the artifact's folder, and returns it if it was there.
func (s Storage) RemoveAll(artifact meta.Artifact) (string, error) {
	folder := filepath.Dir(s.LocalPath(artifact))
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return folder, os.RemoveAll(folder)
}

// ArtifactExist reports whether the artifact has a regular file.
func (s Storage) ArtifactExist(artifact meta.Artifact) bool {
	info, err := os.Lstat(s.LocalPath(artifact))
	return err == nil && info.Mode().IsRegular()
}

// VerifyArtifact checks the file against the artifact's digest.
func (s Storage) VerifyArtifact(artifact meta.Artifact) error {
	want, err := digest.Parse(artifact.Digest)
	if err != nil {
		return fmt.Errorf("digest %q of artifact: %w", artifact.Digest, err)
	}
	file, err := os.Open(s.LocalPath(artifact))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // It was only read.
	got, err := want.Algorithm().FromReader(file)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("digest of the artifact's file is %s, not %s", got, want)
	}
	return nil
}

// Symlink gives the artifact's file a second name in its folder, and returns that name's URL.
func (s Storage) Symlink(artifact meta.Artifact, name string) (string, error) {
	target := s.LocalPath(artifact)
	link := filepath.Join(filepath.Dir(target), name)
	aside := link + ".tmp"
	if err := os.Remove(aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err := os.Symlink(target, aside); err != nil {
		return "", err
	}
	if err := os.Rename(aside, link); err != nil {
		return "", err
	}
	return s.url(path.Join(path.Dir(artifact.Path), name)), nil
}

// Lock keeps others from working on the artifact's folder.
func (s Storage) Lock(artifact meta.Artifact) (unlock func(), err error) {
	file, err := os.OpenFile(s.LocalPath(artifact)+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { file.Close() }, nil //nolint:errcheck // Closing is what unlocks.
}

// GarbageCollect removes old artifacts beside this one, and returns their files.
func (s Storage) GarbageCollect(_ context.Context, artifact meta.Artifact, _ time.Duration) ([]string, error) {
	current := s.LocalPath(artifact)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(current), "*"))
	if err != nil {
		return nil, err
	}
	age := map[string]time.Duration{}
	for _, file := range files {
		if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() && !strings.HasSuffix(file, ".lock") && file != current {
			age[file] = time.Since(info.ModTime())
		}
	}
	files = slices.DeleteFunc(files, func(file string) bool { _, old := age[file]; return !old })
	slices.SortFunc(files, func(a, b string) int { return int(age[a] - age[b]) })
	var removed []string
	for i, file := range files {
		if i+1 < s.ArtifactRetentionRecords && age[file] < s.ArtifactRetentionTTL {
			continue
		}
		if err := errors.Join(os.Remove(file), os.RemoveAll(file+".lock")); err != nil {
			return removed, err
		}
		removed = append(removed, file)
	}
	return removed, nil
}
