// Package rig has what tests of all packages need: errors that end a test, files and objects that are read, and how long a test
// waits. It knows nothing of the operator; test/rig/operator runs it.
package rig

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/onsi/gomega"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	// Soon is for what is expected to happen. It is generous: it is not asserted how fast that is, on machines that are busy.
	Soon = time.Minute
	// Often is the time between two checks.
	Often = 20 * time.Millisecond
)

// Must ends a test that has met an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Eventually waits until the assertion holds.
func Eventually(t testing.TB, actual any) gomega.AsyncAssertion {
	t.Helper()
	return gomega.NewWithT(t).Eventually(actual).WithTimeout(Soon).WithPolling(Often)
}

// Read is the content of a file.
func Read(t testing.TB, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	Must(t, err)
	return string(content)
}

// Objects are those of a YAML stream.
func Objects(t testing.TB, stream string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := cluster.Decode([]byte(stream))
	Must(t, err)
	return objects
}

// Built are the objects of a kustomization.
func Built(t testing.TB, folder string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := cluster.Kustomize(folder)
	Must(t, err)
	return objects
}

// As connects as a ServiceAccount, by a token as its pod has one.
func As(t testing.TB, admin client.Client, of *rest.Config, namespace, account string) *rest.Config {
	t.Helper()
	token := &authenticationv1.TokenRequest{}
	owner := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: account}}
	Must(t, admin.SubResource("token").Create(t.Context(), owner, token))
	config := rest.AnonymousClientConfig(of)
	config.BearerToken = token.Status.Token
	return config
}

// OwnAddress is an IPv4 address of this machine that an EndpointSlice can have: the API server refuses loopback addresses there.
func OwnAddress(t testing.TB) string {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	Must(t, err)
	for _, a := range addrs {
		if n, is := a.(*net.IPNet); is && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			return n.IP.String()
		}
	}
	t.Fatal("this machine has no IPv4 address but loopback")
	return ""
}
