//go:build twice

package dist_test

import (
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// The same sources, in folders of other names and depths. With a change it is not run: it builds all binaries once more. `make nightly`
// runs it, and .github/workflows/release.yaml builds each release on a second machine.
func TestTwoFoldersGiveTheSameBytes(t *testing.T) {
	g := NewWithT(t)
	one := released(t)
	another, err := release(one.checkout, filepath.Join(scratch, "another", "and deeper"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(one.read(t, "checksums.txt")).To(Equal(another.read(t, "checksums.txt")))
}
