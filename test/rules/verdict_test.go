package rules

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/test/recall"
)

// judge has a tool judge the files of a directory. The same tool gives the same files the same verdict, so files that have passed are not judged
// again.
func judge(t *testing.T, directory, tool string, arguments ...string) {
	t.Helper()
	g := NewWithT(t)
	program, err := recall.Content(tool)
	g.Expect(err).NotTo(HaveOccurred())
	files, err := recall.Content(directory)
	g.Expect(err).NotTo(HaveOccurred())
	_, err = recall.Output(func() (string, error) {
		out, err := exec.Command(tool, append(arguments, filepath.Join(directory, "cases.yaml"))...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "SUCCESS") { // Both tools end with it.
			return "", fmt.Errorf("%s ended with %s: %s", tool, fmt.Sprint(err), out)
		}
		return "", nil
	}, append([]string{program, files}, arguments...)...)
	g.Expect(err).NotTo(HaveOccurred())
}
