// Package ask asks a Prometheus, an Alertmanager, or something with their APIs, within bounds: to which addresses it connects, how long it
// waits, how much it reads. It returns counts, names and classes of errors, never a server's text. It does not know what an answer means.
package ask

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/fluxmonitoring/operator/internal/proof"
)

// maxAnswer is how many bytes of an answer are read: the targets of one PodMonitor, or the groups of one PrometheusRule, are far below.
const maxAnswer = 4 << 20

// Credentials are sent with each request; the zero value sends none.
type Credentials struct {
	// Username and Password, or a Token.
	Username, Password, Token string
	// Headers beside Authorization.
	Headers map[string]string
}

// Options of a Client.
type Options struct {
	Guard Guard
	// Credentials to send.
	Credentials Credentials
	// Roots by which a server's certificate is checked; nil for those of the system.
	Roots *x509.CertPool
	// Certificate to show; nil for none.
	Certificate *tls.Certificate
	// ServerName in the server's certificate; empty for the host of the URL.
	ServerName string
	// Timeout of one request.
	Timeout time.Duration
}

// Client asks one server.
type Client struct {
	base    *url.URL
	http    *http.Client
	options Options
}

// New returns a client of the API below a URL. Close it.
func New(base *url.URL, o Options) *Client {
	dialer := &net.Dialer{Timeout: o.Timeout, Control: o.Guard.control}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots, ServerName: o.ServerName}
	if o.Certificate != nil {
		config.Certificates = []tls.Certificate{*o.Certificate}
	}
	return &Client{
		base: base, options: o,
		http: &http.Client{
			Timeout:       o.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext: dialer.DialContext, TLSClientConfig: config, TLSHandshakeTimeout: o.Timeout,
				MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, MaxConnsPerHost: 2,
			},
		},
	}
}

// Close ends the client's connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// failure is an error with its class.
type failure struct{ class proof.Class }

func (f *failure) Error() string { return string(f.class) }

// FaultOf is the fault of an error of this package; zero if there is none.
func FaultOf(err error) proof.Fault {
	var f *failure
	switch {
	case err == nil:
		return proof.Fault{}
	case errors.As(err, &f):
		return proof.Fault{Class: f.class}
	}
	return proof.Fault{Class: classOf(err)}
}

// get reads a path. Its reader ends after maxAnswer bytes, with an error.
func (c *Client) get(ctx context.Context, path string, query url.Values, read func(io.Reader) error) error {
	to := c.base.JoinPath(path)
	to.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), http.NoBody)
	if err != nil {
		return &failure{proof.ClassNotAnAPI}
	}
	c.authorize(request)
	response, err := c.http.Do(request)
	if err != nil {
		return &failure{classOf(err)}
	}
	defer response.Body.Close() //nolint:errcheck // It was only read.
	if class := statusClass(response.StatusCode); class != "" {
		return &failure{class}
	}
	body := &bounded{from: response.Body, left: maxAnswer}
	if err := read(body); err != nil {
		if body.left < 0 {
			return &failure{proof.ClassTooLarge}
		}
		if class := classOf(err); class != proof.ClassOther {
			return &failure{class}
		}
		return &failure{proof.ClassNotAnAPI}
	}
	return nil
}

func (c *Client) authorize(request *http.Request) {
	request.Header.Set("User-Agent", "fluxmonitoring-operator")
	for name, value := range c.options.Credentials.Headers {
		request.Header.Set(name, value)
	}
	switch cr := c.options.Credentials; {
	case cr.Token != "":
		request.Header.Set("Authorization", "Bearer "+cr.Token)
	case cr.Username != "":
		request.SetBasicAuth(cr.Username, cr.Password)
	}
}

// data reads a path of Prometheus' API into a value.
func (c *Client) data(ctx context.Context, path string, query url.Values, into any) error {
	return c.get(ctx, path, query, func(from io.Reader) error {
		envelope := struct {
			Status string `json:"status"`
			Data   any    `json:"data"`
		}{Data: into}
		if err := json.NewDecoder(from).Decode(&envelope); err != nil {
			return err
		}
		if envelope.Status != "success" {
			return fmt.Errorf("the status of the answer is not success")
		}
		return nil
	})
}

// bounded reads at most a number of bytes. left is negative once there was more.
type bounded struct {
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// statusClass is the class of an HTTP status; empty for one that has an answer.
func statusClass(status int) proof.Class {
	switch {
	case status == http.StatusOK:
		return ""
	case status == http.StatusUnauthorized:
		return proof.ClassUnauthorized
	case status == http.StatusForbidden:
		return proof.ClassForbidden
	case status >= 300 && status < 400:
		return proof.ClassRedirected
	case status >= 500, status == http.StatusTooManyRequests:
		return proof.ClassServerError
	case status == http.StatusNotFound:
		return proof.ClassNotFound
	}
	return proof.ClassNotAnAPI
}

// classOf is the class of an error of a connection.
func classOf(err error) proof.Class {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var network net.Error
	switch {
	case errors.Is(err, errNotAllowed):
		return proof.ClassNotAllowed
	case errors.As(err, &certificate):
		return proof.ClassCertificate
	case errors.As(err, &record), strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return proof.ClassNotAnAPI
	case strings.Contains(err.Error(), "remote error: tls"):
		return proof.ClassCertificate
	case errors.As(err, &dns) && !dns.IsTimeout:
		return proof.ClassUnknownHost
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.EHOSTUNREACH):
		return proof.ClassTimeOut
	case errors.Is(err, syscall.ECONNREFUSED):
		return proof.ClassRefused
	}
	return proof.ClassOther
}
