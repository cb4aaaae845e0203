package serving

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
)

const notFound = "404 Not Found"

func TestTheSelfSignedCertificateIsRenewed(t *testing.T) {
	g := NewWithT(t)
	var clock atomic.Int64
	later := func(by time.Duration) { clock.Add(int64(by)) }
	s := &selfSigned{now: func() time.Time { return time.Now().Add(time.Duration(clock.Load())) }}
	address := serveTLS(t, https(s.get))
	before := greet(t, address)
	g.Expect(statusOf(before)).To(Equal(notFound))
	first := leaf(before)
	g.Expect(first.VerifyHostname(selfSignedName)).To(Succeed())
	g.Expect(first.NotAfter).To(BeTemporally("~", time.Now().Add(selfSignedValidity), time.Hour))

	later(selfSignedValidity - selfSignedRenewal - time.Hour)
	g.Expect(leaf(greet(t, address)).SerialNumber).To(Equal(first.SerialNumber))
	later(2 * time.Hour)
	second := leaf(greet(t, address))
	g.Expect(second.SerialNumber).NotTo(Equal(first.SerialNumber))
	g.Expect(second.NotAfter).To(BeTemporally("~", first.NotAfter.Add(selfSignedValidity-selfSignedRenewal), 2*time.Hour))
	g.Expect(second.PublicKey.(*ecdsa.PublicKey).Equal(first.PublicKey)).To(BeFalse())
	g.Expect(statusOf(before)).To(Equal(notFound), "an open connection is still served")
	later(10 * selfSignedValidity)
	g.Expect(leaf(greet(t, address)).NotAfter).To(BeTemporally(">", s.now()), "after a long time without a connection")
}

func TestAReplacedCertificateIsServed(t *testing.T) {
	g := NewWithT(t)
	folder := t.TempDir()
	first := mount(t, folder)
	config, reader, err := FromFolder(folder)
	must(t, err)
	run(t, reader)
	address := serveTLS(t, config)
	now := func() string {
		c := greet(t, address)
		defer c.Close() //nolint:errcheck // the port has so many connections at once and no more
		return fmt.Sprint(leaf(c).SerialNumber)
	}
	before := greet(t, address)
	g.Expect(statusOf(before)).To(Equal(notFound))
	g.Expect(now()).To(Equal(first))
	second := mount(t, folder)
	g.Eventually(now, soon, often).Should(Equal(second))
	g.Expect(statusOf(before)).To(Equal(notFound), "an open connection is still served")

	g.Expect(os.WriteFile(filepath.Join(folder, "..data", "tls.key"), []byte("no key"), 0o600)).To(Succeed())
	g.Consistently(now, 20*often, often).Should(Equal(second), "what cannot be read changes nothing")
	third := mount(t, folder)
	g.Eventually(now, soon, often).Should(Equal(third))
}

func TestTheErrorOfAnUnreadableCertificateNamesTheSolution(t *testing.T) {
	folder := t.TempDir()
	for sentence, c := range map[string]struct {
		files map[string]string
		err   string
	}{
		"no files": {nil, "open " + folder + "/tls.crt: no such file or directory"},
		"no key":   {map[string]string{"tls.crt": "a certificate"}, "open " + folder + "/tls.key: no such file or directory"},
		"no PEM":   {map[string]string{"tls.crt": "a", "tls.key": "a key"}, "tls: failed to find any PEM data in certificate input"},
	} {
		t.Run(sentence, func(t *testing.T) {
			g := NewWithT(t)
			for name, content := range c.files {
				file := filepath.Join(folder, name)
				g.Expect(os.WriteFile(file, []byte(content), 0o600)).To(Succeed())
				t.Cleanup(func() { _ = os.Remove(file) })
			}
			g.Expect(FromFolder(folder)).Error().To(MatchError("reading a certificate: " + c.err + ": " + folder +
				" must hold tls.crt and tls.key, a certificate and its key in PEM: mount a Secret of type kubernetes.io/tls there"))
		})
	}
}

// mount makes a folder hold a new certificate as kubelet does that mounts a Secret, and returns its number.
func mount(t *testing.T, folder string) string {
	t.Helper()
	made, err := createSelfSigned(time.Now())
	must(t, err)
	key, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	must(t, err)
	data, err := os.MkdirTemp(folder, "..")
	must(t, err)
	for name, block := range map[string]*pem.Block{
		"tls.crt": {Type: "CERTIFICATE", Bytes: made.Certificate[0]}, "tls.key": {Type: "PRIVATE KEY", Bytes: key},
	} {
		must(t, os.WriteFile(filepath.Join(data, name), pem.EncodeToMemory(block), 0o600))
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(folder, name)); !os.IsExist(err) {
			must(t, err)
		}
	}
	old, _ := os.Readlink(filepath.Join(folder, "..data"))
	must(t, os.Symlink(filepath.Base(data), filepath.Join(folder, "..data_tmp")))
	must(t, os.Rename(filepath.Join(folder, "..data_tmp"), filepath.Join(folder, "..data")))
	if old != "" {
		must(t, os.RemoveAll(filepath.Join(folder, old)))
	}
	return fmt.Sprint(made.Leaf.SerialNumber)
}

// serveTLS serves nothing by HTTPS until the test ends, and returns the address.
func serveTLS(t *testing.T, config *tls.Config) string {
	t.Helper()
	return serveAs(t, Server{Name: "test", Address: scraper + ":0", TLS: config, Handler: http.NotFoundHandler(), Log: logr.Discard()})
}

// greet connects by TLS, until the test ends.
func greet(t *testing.T, address string) *tls.Conn {
	t.Helper()
	c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // the test looks at the certificate
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func leaf(c *tls.Conn) *x509.Certificate { return c.ConnectionState().PeerCertificates[0] }

// statusOf sends a request, and returns the status of the answer. The connection stays open.
func statusOf(c *tls.Conn) string {
	if _, err := fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: test\r\n\r\n"); err != nil {
		return err.Error()
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	_, _ = io.Copy(io.Discard, response.Body)
	return response.Status
}
