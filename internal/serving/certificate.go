package serving

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

const (
	// selfSignedName is the subject of a self-signed certificate.
	selfSignedName = "fluxmonitoring-operator"
	// selfSignedValidity is how long it is valid, and selfSignedRenewal how long before its end it is replaced.
	selfSignedValidity, selfSignedRenewal = 90 * 24 * time.Hour, 30 * 24 * time.Hour
)

// SelfSigned is HTTPS with a self-signed certificate, which is renewed before it expires. Prometheus identifies the
// server by the pod that it has discovered, and itself by a token.
func SelfSigned() *tls.Config { return https((&selfSigned{now: time.Now}).get) }

// FromFolder is HTTPS with tls.crt and tls.key of a folder, as a mounted Secret of type kubernetes.io/tls has them.
// The Runnable must run; it loads changed files.
func FromFolder(folder string) (*tls.Config, manager.Runnable, error) {
	reader, err := certwatcher.New(filepath.Join(folder, corev1.TLSCertKey), filepath.Join(folder, corev1.TLSPrivateKeyKey))
	if err != nil {
		return nil, nil, fmt.Errorf("reading a certificate: %w: %s must hold %s and %s, a certificate and its key in PEM: mount a Secret of type %s there",
			err, folder, corev1.TLSCertKey, corev1.TLSPrivateKeyKey, corev1.SecretTypeTLS)
	}
	return https(reader.GetCertificate), reader, nil
}

func https(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{GetCertificate: certificate, MinVersion: tls.VersionTLS12}
}

// selfSigned creates certificates, one at a time.
type selfSigned struct {
	now func() time.Time

	mu      sync.Mutex
	current *tls.Certificate
}

// get returns the certificate for a new connection.
func (s *selfSigned) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.current != nil && now.Before(s.current.Leaf.NotAfter.Add(-selfSignedRenewal)) {
		return s.current, nil
	}
	made, err := createSelfSigned(now)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	s.current = made
	return made, nil
}

// createSelfSigned creates a certificate that is valid from an hour before the given time, for clocks that are
// behind.
func createSelfSigned(from time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: selfSignedName}, DNSNames: []string{selfSignedName},
		NotBefore: from.Add(-time.Hour), NotAfter: from.Add(selfSignedValidity),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	written, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(written)
	return &tls.Certificate{Certificate: [][]byte{written}, PrivateKey: key, Leaf: leaf}, err
}
