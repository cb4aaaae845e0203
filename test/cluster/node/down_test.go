//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func TestMountPointsStayWhileAnotherNodeIsThere(t *testing.T) {
	g := NewWithT(t)
	t.Setenv("TMPDIR", t.TempDir())
	mountPoint, other := filepath.Join(os.TempDir(), "mount"), filepath.Join(os.TempDir(), family+"9-node")
	for _, folder := range []string{state(), other, mountPoint} {
		g.Expect(os.Mkdir(folder, 0o700)).To(Succeed())
	}
	made, err := json.Marshal([]string{mountPoint})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(os.WriteFile(inState("made.json"), made, 0o600)).To(Succeed())

	g.Expect(removePrivateFolders()).To(Succeed())
	g.Expect(mountPoint).To(BeADirectory())
	g.Expect(os.Remove(other)).To(Succeed())
	g.Expect(removePrivateFolders()).To(Succeed())
	g.Expect(mountPoint).NotTo(BeADirectory())
}
