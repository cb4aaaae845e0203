package image_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/fluxmonitoring/operator/test/cluster/image"
	"github.com/fluxmonitoring/operator/test/rig"
)

func TestAnImageHasTheBinaryAndAFolderForTemporaryFiles(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "operator")
	rig.Must(t, os.WriteFile(binary, []byte("a program"), 0o600))
	var out bytes.Buffer
	rig.Must(t, (image.Image{Ref: "example.com/operator:dev", Binary: binary, Path: "/usr/bin/operator"}).Write(&out))
	if err := (image.Image{Ref: "example.com/operator:dev", Binary: binary + "-missing", Path: "/operator"}).Write(io.Discard); err == nil {
		t.Error("an image has been made without its binary")
	}
	files := untar(t, &out)
	var manifests []struct {
		Config           string
		RepoTags, Layers []string
	}
	rig.Must(t, json.Unmarshal(files["manifest.json"], &manifests))
	if got := fmt.Sprint(manifests[0].RepoTags); got != "[example.com/operator:dev]" {
		t.Errorf("the image has the tags %s", got)
	}
	var config struct {
		Config struct {
			Entrypoint []string
			User       string
		}
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	rig.Must(t, json.Unmarshal(files[manifests[0].Config], &config))
	data := files[manifests[0].Layers[0]]
	want := fmt.Sprintf("{{[/usr/bin/operator] 65532:65532} {[sha256:%x]}}", sha256.Sum256(data))
	if got := fmt.Sprint(config); got != want {
		t.Errorf("its configuration is %s, not %s", got, want)
	}
	layer := untar(t, bytes.NewReader(data))
	if _, there := layer["tmp/"]; !there || string(layer["usr/bin/operator"]) != "a program" {
		t.Errorf("the layer holds %v", layer)
	}
}

func untar(t *testing.T, in io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for archive := tar.NewReader(in); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		rig.Must(t, err)
		files[header.Name], err = io.ReadAll(archive)
		rig.Must(t, err)
	}
}
