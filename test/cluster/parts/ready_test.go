package parts

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
	"time"
)

// control is a part that is "built" at once, into a folder without any binary, and for which binaries of 1.36 will do.
var control = Part{Name: "apiserver", Module: "kube", Readymade: "k8s.io/kubernetes"}

func TestBinariesAreDownloadedOnce(t *testing.T) {
	index := indexOf(t, "1.36.7", archive(t, scripts("1.36.7")), "")
	b, printed := testBench(t, index.URL)

	folder, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "the origin", Origin(folder), "Kubernetes v1.36.7 from "+folder)
	if !strings.Contains(printed.String(), "downloading apiserver 1.36 with setup-envtest") {
		t.Errorf("the download is not printed: %q", printed)
	}

	index.Close()
	again, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "the second folder", again, folder)
	mustBe(t, "what is in the cache", names(t, b.cache), ".apiserver.lock "+filepath.Base(folder))
	mustBe(t, "what is in the folder", names(t, folder), "etcd kube-apiserver kubectl")
}

func TestBinariesAreBuiltIfTheDownloadFails(t *testing.T) {
	whole, incomplete, foreign := scripts("1.36.7"), scripts("1.36.7"), scripts("1.36.7")
	delete(incomplete, "kube-apiserver")
	foreign["kube-apiserver"] = "\x7fELF"
	refuses := httptest.NewServer(nil)
	refuses.Close()
	for sentence, c := range map[string]struct{ index, why string }{
		"the index cannot be reached":         {refuses.URL, "connection refused"},
		"the index does not answer":           {served(t, hangs(t)).URL, "deadline exceeded"},
		"the index is not there":              {served(t, http.NotFound).URL, "404 Not Found"},
		"only another version is indexed":     {indexOf(t, "1.35.7", archive(t, whole), "").URL, "unable to find a version"},
		"the archive is not the one listed":   {indexOf(t, "1.36.7", archive(t, whole), strings.Repeat("0", 128)).URL, "checksum mismatch"},
		"the archive lacks kube-apiserver":    {indexOf(t, "1.36.7", archive(t, incomplete), "").URL, "no such file"},
		"the binaries are of another machine": {indexOf(t, "1.36.7", archive(t, foreign), "").URL, "exec format error"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			b, printed := testBench(t, c.index)
			b.envtest.answers = time.Second
			folder, err := b.folder(t.Context(), control)
			must(t, err)
			mustBe(t, "what is in the cache", names(t, b.cache), ".apiserver.lock "+filepath.Base(folder))
			mustBe(t, "what is built", names(t, folder), "")
			if line := printed.String(); !strings.Contains(line, c.why) || !strings.Contains(line, "building it, which takes some minutes") {
				t.Errorf("the reason %q is not printed: %q", c.why, line)
			}
		})
	}
}

func TestASlowDownloadIsGivenUp(t *testing.T) {
	b, printed := testBench(t, indexOf(t, "1.36.7", nil, "").URL)
	b.envtest.downloads = 2 * time.Second
	folder, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "what is built", names(t, folder), "")
	if !strings.Contains(printed.String(), "takes longer than 2s") {
		t.Errorf("the reason is not printed: %q", printed)
	}
}

func TestBuiltBinariesArePreferredToADownload(t *testing.T) {
	b, _ := testBench(t, "http://asked.invalid")
	sum, err := b.fingerprint(control)
	must(t, err)
	built := filepath.Join(b.cache, "apiserver-"+sum)
	must(t, os.Mkdir(built, 0o755))
	folder, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "the folder", folder, built)
}

func TestKubebuilderAssetsAreUsedWhateverTheirVersion(t *testing.T) {
	b, _ := testBench(t, "http://asked.invalid")
	b.assets = t.TempDir()
	for name, content := range scripts("1.30.4") {
		must(t, os.WriteFile(filepath.Join(b.assets, name), []byte(content), 0o755))
	}
	folder, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "the folder", folder, b.assets)

	must(t, os.Remove(filepath.Join(b.assets, "etcd")))
	if _, err := b.folder(t.Context(), control); err == nil || !strings.Contains(err.Error(), "has no etcd") {
		t.Errorf("a folder without etcd should be refused by name: %v", err)
	}
}

func TestBinariesOnThePathAreUsedIfTheyHaveTheVersion(t *testing.T) {
	b, _ := testBench(t, "http://asked.invalid")
	for version, used := range map[string]bool{"1.36.1": true, "1.35.9": false} {
		onPath := t.TempDir()
		for name, content := range scripts(version) {
			must(t, os.WriteFile(filepath.Join(onPath, name), []byte(content), 0o755))
		}
		t.Setenv("PATH", onPath+string(filepath.ListSeparator)+os.Getenv("PATH"))
		folder, err := b.ready(control, filepath.Join(b.cache, "none"))
		must(t, err)
		mustBe(t, "it is used: "+version, fmt.Sprint(folder == onPath), fmt.Sprint(used))
	}
}

// testBench has an empty cache and, for the module of Kubernetes, version 1.36.3. What it prints is in the buffer.
func testBench(t *testing.T, index string) (bench, *bytes.Buffer) {
	t.Helper()
	root, err := Checkout()
	must(t, err)
	sources := t.TempDir()
	must(t, os.Mkdir(filepath.Join(sources, "kube"), 0o755))
	must(t, os.WriteFile(filepath.Join(sources, "kube", "go.mod"), []byte("module m\n\nrequire k8s.io/kubernetes v1.36.3\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(sources, "kube", "go.sum"), nil, 0o644))
	out := &bytes.Buffer{}
	limits := envtest{index: index, answers: 10 * time.Second, downloads: time.Minute}
	return bench{root: root, sources: sources, cache: t.TempDir(), out: out, envtest: limits}, out
}

// indexOf serves an index like setup-envtest's that lists one archive, with its true checksum unless another is given. The download of
// an archive without content does not end.
func indexOf(t *testing.T, version string, content []byte, checksum string) *httptest.Server {
	t.Helper()
	if checksum == "" {
		checksum = fmt.Sprintf("%x", sha512.Sum512(content))
	}
	handler := http.NewServeMux()
	server := served(t, handler.ServeHTTP)
	download := hangs(t)
	if content != nil {
		download = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }
	}
	handler.HandleFunc("/archive", download)
	handler.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "releases:\n  v%s:\n    envtest-v%[1]s-%s-%s.tar.gz:\n      hash: %s\n      selfLink: %s/archive\n",
			version, goruntime.GOOS, goruntime.GOARCH, checksum, server.URL)
	})
	return server
}

// hangs does not answer before the test ends.
func hangs(t *testing.T) http.HandlerFunc {
	t.Helper()
	return func(http.ResponseWriter, *http.Request) { <-t.Context().Done() }
}

func served(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(func() { server.CloseClientConnections() })
	return server
}

// scripts stand for the binaries of a version.
func scripts(version string) map[string]string {
	return map[string]string{
		"etcd": "", "kube-apiserver": "#!/bin/sh\necho Kubernetes v" + version + "\n", "kubectl": "",
	}
}

// archive holds files in a folder, as those of setup-envtest's index do.
func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	for name, content := range files {
		header := &tar.Header{Name: "controller-tools/envtest/" + name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}
		must(t, archive.WriteHeader(header))
		_, err := archive.Write([]byte(content))
		must(t, err)
	}
	must(t, archive.Close())
	must(t, zipped.Close())
	return packed.Bytes()
}

// names of all that is in a folder, in order.
func names(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	must(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustBe(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, not %q", what, got, want)
	}
}
