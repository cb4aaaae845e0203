package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"

	"github.com/fluxmonitoring/operator/internal/alerting"
	"github.com/fluxmonitoring/operator/internal/inspect"
	"github.com/fluxmonitoring/operator/internal/observe"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// alertmanagerFlags say how to connect to Alertmanagers.
type alertmanagerFlags struct {
	addresses []string
	user, ca  string

	parsed   []*url.URL
	roots    *x509.CertPool
	password string
}

func (f *alertmanagerFlags) add(command *cobra.Command) {
	command.Flags().StringSliceVar(&f.addresses, "address", nil, "Address of Alertmanager, with its route prefix, instead of the Alertmanager objects "+
		"of the cluster. It may be given several times, once for each replica.")
	command.Flags().StringVar(&f.user, "alertmanager-user", "", "Name of the user for basic authentication. The environment variable "+
		alerting.PasswordVariable+" has the password.")
	command.Flags().StringVar(&f.ca, "alertmanager-ca", "", "`file` with the CA certificates of Alertmanager.")
}

// parse checks the flags, and reads the password and the CA.
func (f *alertmanagerFlags) parse() error {
	if f.user != "" {
		f.password = os.Getenv(alerting.PasswordVariable)
	}
	if f.ca != "" {
		content, err := os.ReadFile(f.ca)
		if err != nil {
			return err
		}
		f.roots = x509.NewCertPool()
		if !f.roots.AppendCertsFromPEM(content) {
			return fmt.Errorf("%s has no certificate", f.ca)
		}
	}
	for _, address := range f.addresses {
		to, err := f.parseAddress(address)
		if err != nil {
			return err
		}
		f.parsed = append(f.parsed, to)
	}
	return nil
}

// parseAddress checks an address. No error has the address, because it can have a password.
func (f *alertmanagerFlags) parseAddress(address string) (*url.URL, error) {
	to, err := url.Parse(address)
	switch {
	case err != nil, to.Scheme != "http" && to.Scheme != "https", to.Host == "":
		return nil, errors.New("--address must begin with http:// or https:// and a host")
	case to.User != nil:
		return nil, errors.New("--address must have no user: use --alertmanager-user")
	case f.user != "" && to.Scheme == "http" && !loopback(to.Hostname()):
		return nil, errors.New("--alertmanager-user needs an --address with https, because http shows the password to the network")
	}
	return to, nil
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// replicas are those that --address names, as one Alertmanager; none without the flag.
func (f *alertmanagerFlags) replicas() []alerting.Alertmanager {
	if len(f.parsed) == 0 {
		return nil
	}
	var one alerting.Alertmanager
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
	transport.TLSClientConfig = &tls.Config{RootCAs: f.roots, MinVersion: tls.VersionTLS12}
	for _, to := range f.parsed {
		one.Replicas = append(one.Replicas, alerting.Replica{
			Name: to.Redacted(), Address: to, Transport: transport, User: f.user, Password: f.password,
		})
	}
	return []alerting.Alertmanager{one}
}

// behind are the Alertmanagers of these objects, each replica through a tunnel to its pod.
func (f *alertmanagerFlags) behind(ctx context.Context, config *rest.Config, objects []monitoringv1.Alertmanager) ([]alerting.Alertmanager, error) {
	var all []alerting.Alertmanager
	for i := range objects {
		o := &objects[i]
		web, _ := observe.AlertmanagerOf(o)
		one := alerting.Alertmanager{Name: o.Namespace + "/" + o.Name}
		for n := range replicasOf(o) {
			pod := fmt.Sprintf("alertmanager-%s-%d", o.Name, n)
			to, err := newTunnel(ctx, config, o.Namespace, pod, inspect.AlertmanagerPort)
			if err != nil {
				return nil, err
			}
			one.Replicas = append(one.Replicas, alerting.Replica{
				Name: pod, Address: addressOf(web), User: f.user, Password: f.password,
				Transport: &http.Transport{DialContext: to.dial, TLSClientConfig: f.tlsOf(web)},
			})
		}
		all = append(all, one)
	}
	return all, nil
}

func replicasOf(o *monitoringv1.Alertmanager) int {
	if o.Spec.Replicas == nil {
		return 1
	}
	return int(*o.Spec.Replicas)
}

// addressOf is the address of an Alertmanager in its pod.
func addressOf(a selection.Alertmanager) *url.URL {
	return (&url.URL{Scheme: a.Web.Scheme(), Host: "localhost", Path: "/"}).JoinPath(a.Web.Prefix)
}

// tlsOf verifies the certificate if there is a CA to verify it by. Without one the API server and the kubelet vouch for the pod: the tunnel
// ends there, and it is encrypted.
func (f *alertmanagerFlags) tlsOf(a selection.Alertmanager) *tls.Config {
	return &tls.Config{
		RootCAs: f.roots, ServerName: a.Governing() + "." + a.Namespace + ".svc", MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: f.roots == nil, //nolint:gosec // see above
	}
}
