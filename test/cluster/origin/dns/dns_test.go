package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fluxmonitoring/operator/test/cluster/origin/api"
)

func TestNamesOfServicesResolveToTheirAddresses(t *testing.T) {
	mux := http.NewServeMux()
	reply := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
	}
	mux.Handle("/api/v1/namespaces/apps/services/web", reply(`{"spec": {"clusterIP": "10.96.1.2"}}`))
	mux.Handle("/api/v1/namespaces/apps/services/headless", reply(`{"spec": {"clusterIP": "None"}}`))
	mux.Handle("/apis/discovery.k8s.io/v1/namespaces/apps/endpointslices", reply(
		`{"items": [{"endpoints": [{"addresses": ["10.244.0.7"]}, {"addresses": ["10.244.0.8"]}]}]}`))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s := services{api.API{Client: server.Client(), Server: server.URL, Token: func() (string, error) { return "secret", nil }}}
	for name, want := range map[string]string{
		"web.apps.svc.cluster.local.":      "[[10 96 1 2]] true",
		"WEB.apps.svc.cluster.local.":      "[[10 96 1 2]] true",
		"headless.apps.svc.cluster.local.": "[[10 244 0 7] [10 244 0 8]] true",
		"missing.apps.svc.cluster.local.":  "[] false",
		"example.com.":                     "[] false",
		"a.b.c.svc.cluster.local.":         "[] false",
	} {
		addresses, found, err := s.addresses(name)
		if got := fmt.Sprint(addresses, found); got != want || err != nil {
			t.Errorf("%s is %s (%v), not %s", name, got, err, want)
		}
	}
}
