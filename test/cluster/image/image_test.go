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
	"strings"
	"testing"

	"github.com/fluxmonitoring/operator/test/cluster/image"
)

func TestAnImageHoldsTheBinaryAndAPlaceForTemporaryFiles(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "operator")
	if err := os.WriteFile(binary, []byte("a program"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := (image.Image{Ref: "example.com/operator:dev", Binary: binary, Path: "/usr/bin/operator"}).Write(&out); err != nil {
		t.Fatal(err)
	}
	files := untar(t, &out)
	for name, data := range files {
		if digest, isBlob := strings.CutPrefix(name, "blobs/sha256/"); isBlob && digest != fmt.Sprintf("%x", sha256.Sum256(data)) {
			t.Errorf("%s holds something else", name)
		}
	}
	var index, manifest struct {
		Manifests, Layers []struct {
			Digest      string
			Annotations map[string]string
		}
		Config struct{ Digest string }
	}
	decode(t, files["index.json"], &index)
	if ref := index.Manifests[0].Annotations["io.containerd.image.name"]; ref != "example.com/operator:dev" {
		t.Errorf("the image is called %s", ref)
	}
	blob := func(digest string) []byte { return files["blobs/"+strings.Replace(digest, ":", "/", 1)] }
	decode(t, blob(index.Manifests[0].Digest), &manifest)
	var config struct {
		Config struct {
			Entrypoint []string
			User       string
		}
	}
	decode(t, blob(manifest.Config.Digest), &config)
	if got := fmt.Sprint(config.Config); got != "{[/usr/bin/operator] 65532:65532}" {
		t.Errorf("it is run as %s", got)
	}
	layer := untar(t, bytes.NewReader(blob(manifest.Layers[0].Digest)))
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
		if err != nil {
			t.Fatal(err)
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}
