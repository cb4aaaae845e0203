package verify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/internal/ask"
	"github.com/fluxmonitoring/operator/internal/proof"
)

// access is what is needed to ask: credentials, and certificates.
type access struct {
	credentials ask.Credentials
	roots       *x509.CertPool
	certificate *tls.Certificate
}

// access reads what the spec names, and nothing else: a Secret of the FluxMonitoring's own namespace, or a token of a ServiceAccount there.
func (v *Verifier) access(ctx context.Context, q *proof.Question) (access, proof.Fault) {
	with := access{credentials: ask.Credentials{Headers: map[string]string{}}}
	for name, value := range q.Verify.Headers {
		with.credentials.Headers[name] = string(value)
	}
	if !q.Verify.Credentials() && q.Verify.CertSecretRef == nil {
		return with, proof.Fault{}
	}
	reader, err := v.ClientFor(q.Namespace, q.Account)
	if err != nil {
		return with, proof.Fault{Class: proof.ClassCredentials, Subject: "the credentials"}
	}
	for _, read := range []func(context.Context, client.Client, *proof.Question, *access) proof.Fault{v.addToken, addSecret, addCertificates} {
		if fault := read(ctx, reader, q, &with); fault != (proof.Fault{}) {
			return with, fault
		}
	}
	return with, proof.Fault{}
}

// secretOf reads a Secret.
func secretOf(ctx context.Context, reader client.Client, namespace, name string) (map[string][]byte, proof.Fault) {
	var secret corev1.Secret
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &secret); err != nil {
		return nil, missingSecret(namespace, name)
	}
	return secret.Data, proof.Fault{}
}

func missingSecret(namespace, name string) proof.Fault {
	return proof.Fault{Class: proof.ClassCredentials, Subject: "Secret " + namespace + "/" + name}
}

// addSecret adds the username and password, or the token, of spec.prometheus.verify.secretRef.
func addSecret(ctx context.Context, reader client.Client, q *proof.Question, with *access) proof.Fault {
	if q.Verify.SecretRef == nil {
		return proof.Fault{}
	}
	data, fault := secretOf(ctx, reader, q.Namespace, q.Verify.SecretRef.Name)
	if fault != (proof.Fault{}) {
		return fault
	}
	cr := &with.credentials
	cr.Username, cr.Password, cr.Token = string(data["username"]), string(data["password"]), string(data["bearerToken"])
	if cr.Username == "" && cr.Token == "" {
		return missingSecret(q.Namespace, q.Verify.SecretRef.Name)
	}
	return proof.Fault{}
}

// addCertificates adds those of spec.prometheus.verify.certSecretRef.
func addCertificates(ctx context.Context, reader client.Client, q *proof.Question, with *access) proof.Fault {
	if q.Verify.CertSecretRef == nil {
		return proof.Fault{}
	}
	name := q.Verify.CertSecretRef.Name
	data, fault := secretOf(ctx, reader, q.Namespace, name)
	if fault != (proof.Fault{}) {
		return fault
	}
	if authorities := data["ca.crt"]; len(authorities) > 0 {
		with.roots = x509.NewCertPool()
		if !with.roots.AppendCertsFromPEM(authorities) {
			return missingSecret(q.Namespace, name)
		}
	}
	if len(data[corev1.TLSCertKey])+len(data[corev1.TLSPrivateKeyKey]) > 0 {
		pair, err := tls.X509KeyPair(data[corev1.TLSCertKey], data[corev1.TLSPrivateKeyKey])
		if err != nil {
			return missingSecret(q.Namespace, name)
		}
		with.certificate = &pair
	}
	return proof.Fault{}
}

// tokenLife is how long a requested token is valid. It is renewed after half of that.
const tokenLife = time.Hour

// tokens are those that were requested, by account and audience.
type tokens struct {
	mu    sync.Mutex
	known map[[4]string]token
}

type token struct {
	value string
	until time.Time
}

// addToken adds a token of spec.prometheus.verify.serviceAccountName.
func (v *Verifier) addToken(ctx context.Context, reader client.Client, q *proof.Question, with *access) proof.Fault {
	name := q.Verify.ServiceAccountName
	if name == "" {
		return proof.Fault{}
	}
	key := [4]string{q.Namespace, q.Account, name, q.Verify.Audience}
	v.tokens.mu.Lock()
	defer v.tokens.mu.Unlock()
	if known := v.tokens.known[key]; time.Now().Before(known.until) {
		with.credentials.Token = known.value
		return proof.Fault{}
	}
	seconds := int64(tokenLife.Seconds())
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	if q.Verify.Audience != "" {
		request.Spec.Audiences = []string{q.Verify.Audience}
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: q.Namespace, Name: name}}
	if err := reader.SubResource("token").Create(ctx, account, request); err != nil {
		return proof.Fault{Class: proof.ClassCredentials, Subject: "a token of ServiceAccount " + q.Namespace + "/" + name}
	}
	if v.tokens.known == nil {
		v.tokens.known = map[[4]string]token{}
	}
	maps.DeleteFunc(v.tokens.known, func(_ [4]string, t token) bool { return time.Now().After(t.until) })
	v.tokens.known[key] = token{request.Status.Token, time.Now().Add(tokenLife / 2)}
	with.credentials.Token = request.Status.Token
	return proof.Fault{}
}
