// Package plugin packs kubectl-fluxmon for those who install plugins: an archive for each platform, and the manifests that Krew and
// Flux's catalogue of plugins (RFC-0013) read. It takes the binaries as files, and knows nothing of how they are built.
package plugin

import (
	"slices"
	"time"

	"github.com/fluxmonitoring/operator/release/binary"
)

const (
	// Name of the plugin: `kubectl fluxmon`.
	Name = "fluxmon"
	// Binary is the name that kubectl looks for.
	Binary = "kubectl-" + Name
	// Package has the plugin's main, relative to the operator's module.
	Package = "./cmd/" + Binary
	// Completion is the script that kubectl calls to complete arguments. It lies beside the plugin's main.
	Completion = "kubectl_complete-" + Name
)

// Platforms that a release has the plugin for, in the order of Flux's catalogue.
func Platforms() (all []binary.Platform) {
	for _, os := range []string{"darwin", "linux", "windows"} {
		for _, arch := range []string{"amd64", "arm64"} {
			all = append(all, binary.Platform{OS: os, Arch: arch})
		}
	}
	return all
}

// Plugin is one version of it.
type Plugin struct {
	// Version, such as v0.1.0.
	Version string
	// Source is the address of the repository, whose releases have the archives.
	Source string
	// Created is the time that files in the archives have: that of the commit.
	Created time.Time
}

// Archive is a file that holds the plugin for a platform.
type Archive struct {
	// Platform that it is for.
	Platform binary.Platform
	// SHA256 of the file, in hexadecimal digits.
	SHA256 string
}

// executable is the name of the binary on a platform.
func executable(p binary.Platform) string {
	if p.OS == "windows" {
		return Binary + ".exe"
	}
	return Binary
}

// FileName of the archive for a platform: what users of it unpack without further programs.
func FileName(p binary.Platform) string {
	ending := ".tar.gz"
	if p.OS == "windows" {
		ending = ".zip"
	}
	return Binary + "_" + p.OS + "_" + p.Arch + ending
}

// address is where the archive of a release can be had.
func (p Plugin) address(of binary.Platform) string {
	return p.Source + "/releases/download/" + p.Version + "/" + FileName(of)
}

// sorted are the archives in the order of Platforms.
func sorted(archives []Archive) []Archive {
	order := Platforms()
	return slices.SortedFunc(slices.Values(archives), func(a, b Archive) int {
		return slices.Index(order, a.Platform) - slices.Index(order, b.Platform)
	})
}
