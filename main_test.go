package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/controllers"
	testcluster "github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/rig"
)

// shared is the control plane of the operator that may do nothing in it.
var shared = testcluster.Common(testcluster.OperatorCRDs)

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

func TestAnOperatorWithoutCachesIsNotReadyAndStops(t *testing.T) {
	g := NewWithT(t)
	addresses, err := testcluster.FreeAddresses(1)
	g.Expect(err).NotTo(HaveOccurred())
	probes := addresses[0]
	ctx, ask := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- start(ctx, withoutRights(t), controllers.Options{
			MetricsAddress: "0", ExporterAddress: "0", ProbeAddress: probes, SkipNameValidation: true,
		})
	}()
	g.Eventually(func() (int, error) { return status(t, probes, "healthz") }).WithTimeout(30 * time.Second).Should(Equal(http.StatusOK))
	g.Consistently(func() (int, error) { return status(t, probes, "readyz") }).WithTimeout(2 * time.Second).Should(Equal(http.StatusInternalServerError))
	ask()
	g.Eventually(ended).WithTimeout(stopping + 5*time.Second).Should(Receive(BeNil()))
}

func TestTheErrorOfAnEndedOperatorIsReturned(t *testing.T) {
	g := NewWithT(t)
	ended, why := make(chan error, 1), errors.New("the lease is lost")
	ended <- why
	g.Expect(awaited(t.Context(), ended)).To(MatchError(why))
}

func TestNamespacesComeFromFlagsAndTheEnvironment(t *testing.T) {
	for sentence, c := range map[string]struct {
		environment      map[string]string
		args             []string
		trusted, watched []string
		hosts            []string
	}{
		"none": {},
		"flags": {
			args:    []string{"--trusted-namespaces=a, b", "--trusted-namespaces=c", "--watch-namespaces=a,,b"},
			trusted: []string{"a", "b", "c"}, watched: []string{"a", "b"},
		},
		"the environment": {
			environment: map[string]string{"TRUSTED_NAMESPACES": "a,b", "WATCH_NAMESPACES": " a , b "},
			trusted:     []string{"a", "b"}, watched: []string{"a", "b"},
		},
		"the environment adds trusted namespaces, and a flag replaces the watched ones": {
			environment: map[string]string{"TRUSTED_NAMESPACES": "a", "WATCH_NAMESPACES": "a"},
			args:        []string{"--trusted-namespaces=b", "--watch-namespaces=b"},
			trusted:     []string{"a", "b"}, watched: []string{"b"},
		},
		"hosts to ask, from the environment": {
			environment: map[string]string{"VERIFY_HOSTS": "a.svc, b.svc:8080"}, hosts: []string{"a.svc", "b.svc:8080"},
		},
		"hosts to ask, from the flag, which replaces those of the environment": {
			environment: map[string]string{"VERIFY_HOSTS": "a.svc"}, args: []string{"--verify-hosts=b.svc"}, hosts: []string{"b.svc"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			g := NewWithT(t)
			for name, value := range c.environment {
				t.Setenv(name, value)
			}
			options, _, err := parse(c.args)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(options.TrustedNamespaces).To(Equal(c.trusted))
			g.Expect(options.WatchNamespaces).To(Equal(c.watched))
			g.Expect(options.VerifyHosts).To(Equal(c.hosts))
		})
	}
}

// withoutRights connects to an API server as an account that may list nothing.
func withoutRights(t *testing.T) *rest.Config {
	t.Helper()
	g := NewWithT(t)
	plane, err := shared.Plane()
	g.Expect(err).NotTo(HaveOccurred())
	admin, err := client.New(plane.Config, client.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", GenerateName: "without-rights-"}}
	g.Expect(admin.Create(t.Context(), account)).To(Succeed())
	return rig.As(t, admin, plane.Config, account.Namespace, account.Name)
}

// status is the code that a probe gets.
func status(t *testing.T, address, path string) (int, error) {
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s/%s", address, path), http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}
