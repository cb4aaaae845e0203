package parts

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// control is a part that is "built" at once, into a folder without any binary, and for which binaries of 1.36 will do.
var control = Part{Name: "apiserver", Module: "kube", Readymade: "k8s.io/kubernetes"}

func TestBinariesAreDownloadedBySetupEnvtestOnce(t *testing.T) {
	index := indexOf(t, "1.36.7", archive(t, "1.36.7"), "")
	b, said := testBench(t, index.URL)

	folder, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "the version", versionIn(t, folder), "1.36.7")
	mustBe(t, "the origin", Origin(folder), "kube-apiserver 1.36.7 from setup-envtest")
	mustBe(t, "kubectl prints", output(t, filepath.Join(folder, "kubectl"), "version"), "kubectl version")
	if !strings.Contains(said.String(), "downloading apiserver 1.36 with setup-envtest") {
		t.Errorf("nothing tells of the download: %q", said)
	}

	index.Close()
	again, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "the second folder", again, folder)
	mustBe(t, "what is in the cache", names(t, b.cache), ".apiserver.lock "+filepath.Base(folder))
	mustBe(t, "what is in the folder", names(t, folder), "bin etcd kube-apiserver kubectl origin")
}

func TestWhatCannotBeDownloadedIsBuilt(t *testing.T) {
	hangs := make(chan struct{})
	t.Cleanup(func() { close(hangs) })
	whole := archive(t, "1.36.7")
	refuses := httptest.NewServer(nil)
	refuses.Close()
	for sentence, c := range map[string]struct{ index, why string }{
		"the index cannot be reached":       {refuses.URL, "connection refused"},
		"the index does not answer":         {served(t, func(http.ResponseWriter, *http.Request) { <-hangs }).URL, "deadline exceeded"},
		"the index is not there":            {served(t, http.NotFound).URL, "404 Not Found"},
		"another version alone is indexed":  {indexOf(t, "1.35.7", whole, "").URL, "unable to find a version"},
		"the archive is not the one listed": {indexOf(t, "1.36.7", whole, strings.Repeat("0", 128)).URL, "checksum mismatch"},
		"the archive lacks kube-apiserver":  {indexOf(t, "1.36.7", archive(t, ""), "").URL, "no such file"},
		"the binaries are of another machine": {
			indexOf(t, "1.36.7", archiveOf(t, map[string]string{"etcd": "\x7fELF", "kube-apiserver": "\x7fELF", "kubectl": "\x7fELF"}), "").URL, "exec format error"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			b, said := testBench(t, c.index)
			b.envtest.answers = time.Second
			folder, err := b.folder(t.Context(), control)
			must(t, err)
			mustBe(t, "what is in the cache", names(t, b.cache), ".apiserver.lock "+filepath.Base(folder))
			mustBe(t, "what is built", names(t, folder), "")
			if line := said.String(); !strings.Contains(line, c.why) || !strings.Contains(line, "building it, which takes some minutes") {
				t.Errorf("the reason %q is not told: %q", c.why, line)
			}
		})
	}
}

func TestADownloadThatTakesTooLongIsGivenUp(t *testing.T) {
	hangs := make(chan struct{})
	t.Cleanup(func() { close(hangs) })
	slow := indexOf(t, "1.36.7", nil, "")
	slow.Config.Handler.(*http.ServeMux).HandleFunc("/slow", func(http.ResponseWriter, *http.Request) { <-hangs })
	b, said := testBench(t, slow.URL)
	b.envtest.downloads = 2 * time.Second
	folder, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "what is built", names(t, folder), "")
	if !strings.Contains(said.String(), "takes longer than 2s") {
		t.Errorf("the reason is not told: %q", said)
	}
}

func TestWhatIsBuiltIsPreferredToWhatCouldBeDownloaded(t *testing.T) {
	b, _ := testBench(t, "http://asked.invalid")
	sum, err := b.fingerprint(control)
	must(t, err)
	built := filepath.Join(b.cache, "apiserver-"+sum)
	must(t, os.Mkdir(built, 0o755))
	folder, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "the folder", folder, built)
}

func TestBinariesOnThePathServeIfTheirVersionDoes(t *testing.T) {
	for version, serves := range map[string]bool{"1.36.1": true, "1.3.6": false, "1.35.9": false, "1.37.0": false} {
		t.Run(version, func(t *testing.T) {
			b, _ := testBench(t, "http://asked.invalid")
			onPath := t.TempDir()
			install(t, onPath, version)
			t.Setenv("PATH", onPath+":"+os.Getenv("PATH"))
			folder, err := b.folder(t.Context(), control)
			must(t, err)
			if serves {
				mustBe(t, "the origin", Origin(folder), "kube-apiserver "+version+" from the PATH")
				mustBe(t, "the version", versionIn(t, folder), version)
			} else {
				mustBe(t, "what is built", names(t, folder), "")
			}
		})
	}
}

func TestAnUpgradeOfTheBinariesOnThePathIsNoticed(t *testing.T) {
	b, _ := testBench(t, "http://asked.invalid")
	onPath := t.TempDir()
	t.Setenv("PATH", onPath+":"+os.Getenv("PATH"))
	for _, version := range []string{"1.36.1", "1.36.2"} {
		install(t, onPath, version)
		folder, err := b.folder(t.Context(), control)
		must(t, err)
		mustBe(t, "the origin", Origin(folder), "kube-apiserver "+version+" from the PATH")
	}
}

func TestKubebuilderAssetsAreUsedWhateverTheirVersion(t *testing.T) {
	b, _ := testBench(t, "http://asked.invalid")
	b.assets = t.TempDir()
	install(t, b.assets, "1.30.4")
	folder, err := b.folder(t.Context(), control)
	must(t, err)
	mustBe(t, "the origin", Origin(folder), "kube-apiserver 1.30.4 from KUBEBUILDER_ASSETS")

	must(t, os.Remove(filepath.Join(b.assets, "etcd")))
	b.cache = t.TempDir()
	if _, err := b.folder(t.Context(), control); err == nil || !strings.Contains(err.Error(), "KUBEBUILDER_ASSETS has no etcd") {
		t.Errorf("a folder without etcd should be refused by name: %v", err)
	}
}

// The server is a sleep of a minute, and who starts it a shell, which is killed.
func TestAServerThatWasNotBuiltHereEndsWithTheProcessThatStartedIt(t *testing.T) {
	b, _ := testBench(t, "http://asked.invalid")
	b.assets = t.TempDir()
	install(t, b.assets, "1.36.1")
	folder, err := b.folder(t.Context(), control)
	must(t, err)
	starter := exec.Command("sh", "-c", `"$0" --serve & wait`, filepath.Join(folder, "etcd"))
	out, err := starter.StdoutPipe()
	must(t, err)
	must(t, starter.Start())
	lines := bufio.NewScanner(out)
	lines.Scan()
	server, err := strconv.Atoi(lines.Text())
	must(t, err)
	must(t, starter.Process.Kill())
	_ = starter.Wait() // It was killed.
	for deadline := time.Now().Add(20 * time.Second); alive(server); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server goes on without the process that started it")
		}
	}
}

// alive tells a process that runs from one that has ended, whether or not somebody has collected it.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil {
		return !strings.Contains(string(status), ") Z ")
	}
	return syscall.Kill(pid, 0) == nil
}

// testBench has an empty cache and, for the module of Kubernetes, version 1.36.3. What it says is in the buffer.
func testBench(t *testing.T, index string) (bench, *bytes.Buffer) {
	t.Helper()
	root, err := Checkout()
	must(t, err)
	sources := t.TempDir()
	must(t, os.Mkdir(filepath.Join(sources, "kube"), 0o755))
	must(t, os.WriteFile(filepath.Join(sources, "kube", "go.mod"), []byte("module m\n\nrequire k8s.io/kubernetes v1.36.3\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(sources, "kube", "go.sum"), nil, 0o644))
	said := &bytes.Buffer{}
	limits := envtest{index: index, answers: 10 * time.Second, downloads: time.Minute}
	return bench{root: root, sources: sources, cache: t.TempDir(), out: said, envtest: limits}, said
}

// indexOf serves an index like setup-envtest's that lists one archive, with its true checksum unless another is given.
func indexOf(t *testing.T, version string, content []byte, checksum string) *httptest.Server {
	t.Helper()
	if checksum == "" {
		checksum = fmt.Sprintf("%x", sha512.Sum512(content))
	}
	handler := http.NewServeMux()
	server := served(t, handler.ServeHTTP)
	server.Config.Handler = handler
	link := server.URL + "/archive"
	if content == nil {
		link = server.URL + "/slow"
	}
	handler.HandleFunc("/archive", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	handler.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "releases:\n  v%s:\n    envtest-v%[1]s-%s-%s.tar.gz:\n      hash: %s\n      selfLink: %s\n",
			version, goruntime.GOOS, goruntime.GOARCH, checksum, link)
	})
	return server
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
		"etcd":           "#!/bin/sh\necho $$\nexec sleep 60\n",
		"kube-apiserver": "#!/bin/sh\necho Kubernetes v" + version + "\n",
		"kubectl":        "#!/bin/sh\necho kubectl \"$@\"\n",
	}
}

func install(t *testing.T, folder, version string) {
	t.Helper()
	for name, content := range scripts(version) {
		must(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o755))
	}
}

// archive holds the binaries of a version, in a folder as those of setup-envtest's index do. Without a version it lacks one.
func archive(t *testing.T, version string) []byte {
	t.Helper()
	files := scripts(version)
	if version == "" {
		delete(files, "kube-apiserver")
	}
	return archiveOf(t, files)
}

func archiveOf(t *testing.T, files map[string]string) []byte {
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

// versionIn is what the kube-apiserver of a folder prints.
func versionIn(t *testing.T, folder string) string {
	t.Helper()
	version, err := versionOf(t.Context(), filepath.Join(folder, "kube-apiserver"))
	must(t, err)
	return version
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), name, args...).Output()
	must(t, err)
	return strings.TrimSpace(string(said))
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
