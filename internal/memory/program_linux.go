package memory

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// releaseProgram has the kernel forget which pages of the program's file this process has mapped. Where /proc cannot be read nothing is
// released: it only saves memory.
func releaseProgram() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer file.Close() //nolint:errcheck // it was only read.
	for _, m := range unchanged(file, program) {
		// An error means that the pages stay.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.start, m.end-m.start, syscall.MADV_DONTNEED)
	}
}

// mapping is a part of the address space of a process.
type mapping struct{ start, end uintptr }

// unchanged are the mappings of a file, as proc_pid_smaps(5) lists them, that the process cannot write and has not changed: the kernel can
// read all their pages from the file again. A position-independent program changes some when it starts, and protects them then.
func unchanged(smaps io.Reader, file string) (found []mapping) {
	var m mapping
	wanted := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 0:
		case !strings.HasSuffix(fields[0], ":"):
			m, wanted = mappingOf(fields, file)
		case fields[0] == "Anonymous:" && wanted && fields[1] == "0": // of a mapped file, the pages that are the process's own by now
			found = append(found, m)
		}
	}
	return found
}

// mappingOf reads the line that begins a mapping: addresses, permissions, offset, device, inode, and the path of the file.
func mappingOf(fields []string, file string) (m mapping, wanted bool) {
	if len(fields) < 6 || !strings.HasPrefix(fields[1], "r-") || !strings.HasSuffix(fields[1], "p") || strings.Join(fields[5:], " ") != file {
		return mapping{}, false
	}
	from, to, _ := strings.Cut(fields[0], "-")
	start, err := strconv.ParseUint(from, 16, 64)
	if err != nil {
		return mapping{}, false
	}
	end, err := strconv.ParseUint(to, 16, 64)
	return mapping{start: uintptr(start), end: uintptr(end)}, err == nil
}
