//go:build linux

package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"time"

	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// leaf is one certificate of the cluster: its file, the name and the groups of its holder, and the hosts that it serves.
type leaf struct {
	file, user    string
	groups, hosts []string
}

// leaves of the cluster's authority. Those without hosts are clients'.
var leaves = []leaf{
	{"apiserver", "kube-apiserver", nil, []string{
		"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		"127.0.0.1", apiIP, nodeIP,
	}},
	{"kubelet-server", "system:node:" + nodeName, []string{"system:nodes"}, []string{nodeName, "127.0.0.1", nodeIP}},
	{"kubelet-client", "kube-apiserver-kubelet-client", []string{"system:masters"}, nil},
	{"admin", "admin", []string{"system:masters"}, nil},
	{"controller-manager", "system:kube-controller-manager", nil, nil},
	{"scheduler", "system:kube-scheduler", nil, nil},
	{"proxy", "system:kube-proxy", nil, nil},
	{"node", "system:node:" + nodeName, []string{"system:nodes"}, nil},
}

// writePKI makes the authority, certificates, keys and kubeconfigs of the cluster.
func writePKI() error {
	if err := os.MkdirAll(inState("pki"), 0o700); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authority, err := cert.NewSelfSignedCACert(cert.Config{CommonName: "ca"}, key)
	if err != nil {
		return err
	}
	failed := []error{writePair("ca", authority.Raw, key), issue(leaf{file: "serviceaccount"}, authority, key)}
	for _, l := range leaves {
		failed = append(failed, issue(l, authority, key))
		if l.hosts == nil {
			failed = append(failed, writeKubeconfig(l.file))
		}
	}
	return errors.Join(failed...)
}

// issue writes a certificate that the authority signs with its key, and the new key of the certificate.
func issue(l leaf, authority *x509.Certificate, by crypto.Signer) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	request := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: l.user, Organization: l.groups},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, host := range l.hosts {
		if ip := net.ParseIP(host); ip != nil {
			request.IPAddresses = append(request.IPAddresses, ip)
		} else {
			request.DNSNames = append(request.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, request, authority, key.Public(), by)
	if err != nil {
		return err
	}
	return writePair(l.file, der, key)
}

// writePair writes a certificate and its key.
func writePair(file string, der []byte, key crypto.PrivateKey) error {
	private, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: der})
	return errors.Join(os.WriteFile(inState("pki", file+".crt"), public, 0o600), os.WriteFile(inState("pki", file+".key"), private, 0o600))
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
