package dist_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/fluxmonitoring/operator/release/rig"
)

// What a reader calls who has no release that is published: the release is the one that the tests have made, with a chart beside
// it, and what is built of the sources is a copy of it. Signatures are not checked here.
const programs = `
gh() {
  [ "$1 $2" = "release download" ] || return 0
  [ "$3 $4 $5 $6 $7" = "v0.1.0 --repo fluxmonitoring/operator --dir release-v0.1.0" ] && cp -r "$FIRST" "$7" || return 1
  echo chart >"$7/fluxmonitoring-operator-0.1.0.tgz"
  (cd "$7" && sha256sum *.tgz >>checksums.txt && touch checksums.txt.sigstore.json)
}
cosign() {
  [ "$1" = verify ] || { [ "$1 $2" = "verify-blob --bundle" ] && test -f "$3" && test -f "${@: -1}"; }
}
git() {
  [ "$*" = "clone --branch v0.1.0 https://github.com/fluxmonitoring/operator" ] && mkdir operator
}
make() {
  [ "$*" = "-C operator dist VERSION=v0.1.0" ] && cp -r "$SECOND" operator/dist
}
`

func TestThePageOnVerifyingFindsNoDifference(t *testing.T) {
	g := NewWithT(t)
	output, err := follow(t, released(t).folder, released(t).folder)
	g.Expect(err).NotTo(HaveOccurred(), output)
	g.Expect(output).To(Equal(strings.Join(append(files[1:len(files):len(files)], "fluxmonitoring-operator-0.1.0.tgz"), ": OK\n") + ": OK\n"))
}

func TestThePageOnVerifyingFindsAnotherChecksum(t *testing.T) {
	g := NewWithT(t)
	sums := strings.Replace(released(t).read(t, "checksums.txt"), "  image.tar", "0  image.tar", 1)
	output, err := follow(t, released(t).folder, rig.Folder(t, map[string]string{"checksums.txt": sums}))
	g.Expect(err).To(MatchError("exit status 1"))
	g.Expect(output).To(ContainSubstring("0  image.tar\n---\n"))
}

// follow runs all commands of the page in one shell, and returns what they say.
func follow(t *testing.T, first, second string) (string, error) {
	t.Helper()
	page := rig.Read(t, "../../docs/how-to/verify-a-release.md")
	script := programs
	for _, block := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(page, -1) {
		script += block[1]
	}
	shell := exec.CommandContext(t.Context(), "bash", "-e", "-u", "-c", script)
	shell.Dir = t.TempDir()
	shell.Env = append(os.Environ(), "FIRST="+first, "SECOND="+second, "LC_ALL=C")
	output, err := shell.CombinedOutput()
	return string(output), err
}
