//go:build linux

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"
)

// pair is a certificate and its key.
type pair struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// leaf is one certificate of the cluster: what it is called, whom it says its holder is, and where it serves.
type leaf struct {
	file, user, group string
	hosts             []string
}

// leaves of the cluster's authority. Those without hosts are clients'.
var leaves = []leaf{
	{"apiserver", "kube-apiserver", "", []string{
		"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		"127.0.0.1", apiIP, nodeIP,
	}},
	{"kubelet-server", "system:node:" + nodeName, "system:nodes", []string{nodeName, "127.0.0.1", nodeIP}},
	{"kubelet-client", "kube-apiserver-kubelet-client", "system:masters", nil},
	{"admin", "admin", "system:masters", nil},
	{"controller-manager", "system:kube-controller-manager", "", nil},
	{"scheduler", "system:kube-scheduler", "", nil},
	{"proxy", "system:kube-proxy", "", nil},
	{"node", "system:node:" + nodeName, "system:nodes", nil},
}

// writePKI makes the authorities, certificates, keys and kubeconfigs of the cluster.
func writePKI() error {
	if err := os.MkdirAll(inState("pki"), 0o700); err != nil {
		return err
	}
	authority, err := newAuthority("ca")
	if err != nil {
		return err
	}
	for _, l := range leaves {
		if err := authority.issue(l); err != nil {
			return err
		}
		if l.hosts == nil {
			if err := writeKubeconfig(l.file); err != nil {
				return err
			}
		}
	}
	frontProxy, err := newAuthority("front-proxy-ca")
	if err != nil {
		return err
	}
	if err := frontProxy.issue(leaf{file: "front-proxy", user: "front-proxy-client"}); err != nil {
		return err
	}
	return writeServiceAccountKey()
}

func newAuthority(file string) (pair, error) {
	request := unsigned(file)
	request.IsCA, request.BasicConstraintsValid = true, true
	request.KeyUsage |= x509.KeyUsageCertSign
	return sign(file, request, nil)
}

func (p pair) issue(l leaf) error {
	request := unsigned(l.user)
	if l.group != "" {
		request.Subject.Organization = []string{l.group}
	}
	request.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, host := range l.hosts {
		if ip := net.ParseIP(host); ip != nil {
			request.IPAddresses = append(request.IPAddresses, ip)
		} else {
			request.DNSNames = append(request.DNSNames, host)
		}
	}
	_, err := sign(l.file, request, &p)
	return err
}

func unsigned(user string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // rand.Reader never fails.
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: user},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
}

// sign writes a certificate and a new key for it, signed by itself where there is no authority.
func sign(file string, template *x509.Certificate, authority *pair) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	if authority == nil {
		authority = &pair{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority.certificate, &key.PublicKey, authority.key)
	if err != nil {
		return pair{}, err
	}
	if err := writePEM(file+".crt", "CERTIFICATE", der, nil); err != nil {
		return pair{}, err
	}
	private, err := x509.MarshalECPrivateKey(key)
	return pair{template, key}, writePEM(file+".key", "EC PRIVATE KEY", private, err)
}

func writeServiceAccountKey() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err := writePEM("serviceaccount.key", "EC PRIVATE KEY", private, err); err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	return writePEM("serviceaccount.pub", "PUBLIC KEY", public, err)
}

// writePEM writes a file of the PKI, unless what should be in it could not be made.
func writePEM(file, kind string, der []byte, err error) error {
	if err != nil {
		return err
	}
	return os.WriteFile(inState("pki", file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}

func writeKubeconfig(user string) error {
	content := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: node, cluster: {server: "https://%s:%s", certificate-authority: ca.crt}}]
users: [{name: %[3]s, user: {client-certificate: %[3]s.crt, client-key: %[3]s.key}}]
contexts: [{name: node, context: {cluster: node, user: %[3]s}}]
current-context: node
`, nodeIP, apiPort, user)
	return os.WriteFile(inState("pki", user+".kubeconfig"), []byte(content), 0o600)
}
