package image_test

import (
	"archive/tar"
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/release/image"
	"github.com/fluxmonitoring/operator/release/rig"
)

var commitTime = time.Date(2026, 12, 1, 10, 30, 0, 0, time.UTC)

// labels is what is said of operator(t), whole.
var labels = map[string]string{
	"org.opencontainers.image.title":       "Flux Monitoring Operator",
	"org.opencontainers.image.description": "Makes Flux observable by one custom resource",
	"org.opencontainers.image.licenses":    "Apache-2.0",
	"org.opencontainers.image.source":      "https://example.com/operator",
	"org.opencontainers.image.version":     "v0.1.0",
	"org.opencontainers.image.revision":    "8689453263489595ded80419148a59ecd493d77b",
	"org.opencontainers.image.created":     "2026-12-01T10:30:00Z",
}

func TestTheImageHasOneManifestForEachPlatform(t *testing.T) {
	g := NewWithT(t)
	index, err := operator(t).Index()
	g.Expect(err).NotTo(HaveOccurred())
	manifest, err := index.IndexManifest()
	g.Expect(err).NotTo(HaveOccurred())
	platforms := []v1.Platform{}
	for _, descriptor := range manifest.Manifests {
		g.Expect(descriptor.MediaType).To(Equal(types.OCIManifestSchema1))
		platforms = append(platforms, *descriptor.Platform)
	}
	g.Expect(platforms).To(Equal([]v1.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}}))
	g.Expect(manifest.MediaType).To(Equal(types.OCIImageIndex))
	g.Expect(manifest.Annotations).To(Equal(labels))
}

func TestTheConfigurationHasUserEntrypointAndLabels(t *testing.T) {
	for number, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			g := NewWithT(t)
			made := platform(t, number)
			config, err := made.ConfigFile()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(config.RootFS.DiffIDs).To(HaveLen(1))
			g.Expect(*config).To(Equal(v1.ConfigFile{
				OS: "linux", Architecture: arch, Created: v1.Time{Time: commitTime},
				Config:  v1.Config{User: "65532:65532", Entrypoint: []string{"/operator"}, WorkingDir: "/", Labels: labels},
				RootFS:  v1.RootFS{Type: "layers", DiffIDs: config.RootFS.DiffIDs},
				History: []v1.History{{Created: v1.Time{Time: commitTime}, CreatedBy: "COPY operator /operator"}},
			}))
			manifest, err := made.Manifest()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(manifest.Annotations).To(Equal(labels))
		})
	}
}

func TestTheImageHoldsTheBinaryAndNothingElse(t *testing.T) {
	for number, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			g := NewWithT(t)
			layers, err := platform(t, number).Layers()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(layers).To(HaveLen(1))
			g.Expect(layers[0].MediaType()).To(Equal(types.OCILayer))
			content, err := layers[0].Uncompressed()
			g.Expect(err).NotTo(HaveOccurred())
			files := tar.NewReader(content)
			header, err := files.Next()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(*header).To(Equal(tar.Header{
				Name: "operator", Mode: 0o755, Size: int64(len("binary for " + arch)), Typeflag: tar.TypeReg,
				ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR,
			}))
			g.Expect(io.ReadAll(files)).To(BeEquivalentTo("binary for " + arch))
			_, err = files.Next()
			g.Expect(err).To(MatchError(io.EOF))
		})
	}
}

func TestTheImageCanBePushedAndPulled(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	index, err := operator(t).Index()
	g.Expect(err).NotTo(HaveOccurred())
	ref, err := name.ParseReference(strings.TrimPrefix(server.URL, "http://") + "/operator:v0.1.0")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(remote.WriteIndex(ref, index)).To(Succeed())

	pulled, err := remote.Index(ref)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(validate.Index(pulled)).To(Succeed())
	g.Expect(pulled.Digest()).To(Equal(must(t)(index.Digest())))
	arm, err := remote.Image(ref, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: "arm64"}))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(arm.Digest()).To(Equal(must(t)(platform(t, 1).Digest())))
}

func TestTheArchiveIsAnOCILayoutThatNamesTheImage(t *testing.T) {
	g := NewWithT(t)
	folder := unpack(t, archive(t, operator(t)))
	whole, err := layout.ImageIndexFromPath(folder)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(validate.Index(whole)).To(Succeed())
	manifest, err := whole.IndexManifest()
	g.Expect(err).NotTo(HaveOccurred())
	index, err := operator(t).Index()
	g.Expect(err).NotTo(HaveOccurred())
	size, err := index.Size()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(manifest.Manifests).To(Equal([]v1.Descriptor{{
		MediaType: types.OCIImageIndex, Digest: must(t)(index.Digest()), Size: size,
		Annotations: map[string]string{
			"org.opencontainers.image.ref.name": "v0.1.0",
			"io.containerd.image.name":          "registry.example.com/operator:v0.1.0",
		},
	}}))
}

func TestTheSameBinariesGiveTheSameArchive(t *testing.T) {
	g := NewWithT(t)
	g.Expect(bytes.Equal(archive(t, operator(t)), archive(t, operator(t)))).To(BeTrue())
	other := operator(t)
	g.Expect(os.WriteFile(other.Binaries["arm64"], []byte("another binary"), 0o600)).To(Succeed())
	g.Expect(bytes.Equal(archive(t, operator(t)), archive(t, other))).To(BeFalse())
}

func TestABinaryThatIsNotThereIsNamed(t *testing.T) {
	g := NewWithT(t)
	made := operator(t)
	g.Expect(os.Remove(made.Binaries["arm64"])).To(Succeed())
	_, err := made.Index()
	g.Expect(err).To(MatchError(HavePrefix("making the image for arm64: open " + made.Binaries["arm64"])))
}

// operator is an image of two small files in place of binaries.
func operator(t *testing.T) image.Image {
	t.Helper()
	binaries := map[string]string{}
	for _, arch := range []string{"arm64", "amd64"} {
		binaries[arch] = filepath.Join(t.TempDir(), "operator")
		rig.Must(t, os.WriteFile(binaries[arch], []byte("binary for "+arch), 0o600))
	}
	return image.Image{
		Name: "registry.example.com/operator", Version: "v0.1.0", Source: labels["org.opencontainers.image.source"],
		Revision: labels["org.opencontainers.image.revision"], Created: commitTime.In(time.FixedZone("", 3600)), Binaries: binaries,
	}
}

// platform is the image of one platform, by its place in the index.
func platform(t *testing.T, number int) v1.Image {
	t.Helper()
	index, err := operator(t).Index()
	rig.Must(t, err)
	manifest, err := index.IndexManifest()
	rig.Must(t, err)
	made, err := index.Image(manifest.Manifests[number].Digest)
	rig.Must(t, err)
	return made
}

func archive(t *testing.T, made image.Image) []byte {
	t.Helper()
	index, err := made.Index()
	rig.Must(t, err)
	var out bytes.Buffer
	rig.Must(t, made.Archive(&out, index))
	return out.Bytes()
}

func unpack(t *testing.T, archive []byte) string {
	t.Helper()
	folder := t.TempDir()
	command := exec.CommandContext(t.Context(), "tar", "-x", "-C", folder)
	command.Stdin = bytes.NewReader(archive)
	rig.Output(t, command)
	return folder
}

func must(t *testing.T) func(v1.Hash, error) v1.Hash {
	return func(hash v1.Hash, err error) v1.Hash {
		t.Helper()
		rig.Must(t, err)
		return hash
	}
}
