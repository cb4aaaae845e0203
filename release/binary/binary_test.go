package binary_test

import (
	"debug/buildinfo"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/release/binary"
	"github.com/fluxmonitoring/operator/release/rig"
)

func TestBuildSettingsAreFixed(t *testing.T) {
	for arch, level := range map[string][2]string{"amd64": {"GOAMD64", "v1"}, "arm64": {"GOARM64", "v8.0"}} {
		t.Run(arch, func(t *testing.T) {
			g := NewWithT(t)
			info, err := buildinfo.ReadFile(built(t, arch))
			g.Expect(err).NotTo(HaveOccurred())
			settings := map[string]string{}
			for _, setting := range info.Settings {
				settings[setting.Key] = setting.Value
			}
			g.Expect(settings).To(Equal(map[string]string{
				"-buildmode": "exe", "-compiler": "gc", "-trimpath": "true", "CGO_ENABLED": "0", "GOARCH": arch, "GOOS": "linux", level[0]: level[1],
			}))
		})
	}
}

func TestTheCallersEnvironmentDoesNotChangeTheBinary(t *testing.T) {
	g := NewWithT(t)
	plain := rig.Read(t, built(t, "amd64"))
	for name, value := range map[string]string{
		"GOFLAGS": "-tags=other", "GOAMD64": "v3", "GOARCH": "arm64", "GOEXPERIMENT": "synchashtriemap", "GOFIPS140": "latest", "CGO_ENABLED": "1",
	} {
		t.Setenv(name, value)
	}
	g.Expect(rig.Read(t, built(t, "amd64")) == plain).To(BeTrue())
	g.Expect(plain).To(ContainSubstring("v0.1.0-stamped"))
	g.Expect(plain).NotTo(ContainSubstring("other tag"))
}

// built is a small program, built for the architecture as the operator is.
func built(t *testing.T, arch string) string {
	t.Helper()
	source := rig.Folder(t, map[string]string{
		"go.mod":   "module example.com/small\n\ngo 1.26.0\n",
		"main.go":  "package main\n\nvar version = \"dev\"\n\nfunc main() { println(version) }\n",
		"other.go": "//go:build other\n\npackage main\n\nfunc init() { println(\"other tag\") }\n",
	})
	out := filepath.Join(t.TempDir(), "small")
	rig.Must(t, (binary.Build{Source: source, Package: ".", Version: "v0.1.0-stamped", Platform: binary.Platform{OS: "linux", Arch: arch}, Out: out}).Run(t.Context()))
	return out
}
