package memory

import (
	"os"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// smaps is what the kernel lists of a program, shortened: its code, constants, variables, a library, and memory of no file.
const smaps = `00400000-01776000 r-xp 00000000 00:21 42                                 /the operator
Size:              19928 kB
Rss:               15000 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
01776000-02a4f000 r--p 01376000 00:21 42                                 /the operator
Size:              19300 kB
Anonymous:             0 kB
02a4f000-02b00000 r--p 0264f000 00:21 42                                 /the operator
Size:                708 kB
Anonymous:            12 kB
02b00000-02b50000 rw-p 0264f000 00:21 42                                 /the operator
Size:                320 kB
Anonymous:             0 kB
7f0000000000-7f0000010000 r-xp 00000000 00:21 43                         /lib/other
Size:                 64 kB
Anonymous:             0 kB
c000000000-c000400000 rw-p 00000000 00:00 0
Size:               4096 kB
Anonymous:             0 kB
7ffd00000000-7ffd00001000 r-xp 00000000 00:00 0                          [vdso]
Size:                  4 kB
Anonymous:             0 kB
`

func TestOnlyUnchangedPagesOfTheProgramAreReleased(t *testing.T) {
	g := NewWithT(t)
	g.Expect(unchanged(strings.NewReader(smaps), "/the operator")).To(Equal([]mapping{
		{0x400000, 0x1776000}, {0x1776000, 0x2a4f000},
	}))
	g.Expect(unchanged(strings.NewReader("neither one\nnor the other: \n\nAnonymous: 0 kB\n"), "/the operator")).To(BeEmpty())
}

func TestReturnReleasesPagesOfTheProgramThatRunsOn(t *testing.T) {
	before := filePages(t)
	Return()
	NewWithT(t).Expect(filePages(t)).To(BeNumerically("<", before))
}

// filePages is how many pages of files this process has mapped.
func filePages(t *testing.T) int {
	t.Helper()
	g := NewWithT(t)
	content, err := os.ReadFile("/proc/self/statm")
	g.Expect(err).NotTo(HaveOccurred())
	pages, err := strconv.Atoi(strings.Fields(string(content))[2])
	g.Expect(err).NotTo(HaveOccurred())
	return pages
}
