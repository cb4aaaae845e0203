// Command dns resolves the names of Services, <service>.<namespace>.svc.cluster.local, to their ClusterIPs by asking the
// API server, and the names of a headless Service's pods to theirs. It is all the DNS the test bed's pods need: they
// cannot reach anything outside, so every other name does not exist.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

func main() {
	connection, err := net.ListenPacket("udp", ":5353")
	if err != nil {
		log.Fatal(err)
	}
	services, err := inCluster()
	if err != nil {
		log.Fatal(err)
	}
	buffer := make([]byte, 1500)
	for {
		n, from, err := connection.ReadFrom(buffer)
		if err != nil {
			log.Fatal(err)
		}
		query := append([]byte(nil), buffer[:n]...)
		go func() {
			reply, err := answer(services, query)
			if err != nil {
				log.Printf("query from %s: %v", from, err)
				return
			}
			connection.WriteTo(reply, from) //nolint:errcheck // Resolvers ask again.
		}()
	}
}

// answer returns the reply to a query.
func answer(services services, query []byte) ([]byte, error) {
	var p dnsmessage.Parser
	header, err := p.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := p.Question()
	if err != nil {
		return nil, err
	}
	addresses, found, err := services.addresses(question.Name.String())
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true, RecursionDesired: header.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{question},
	}
	switch {
	case err != nil:
		log.Printf("%s: %v", question.Name, err)
		reply.RCode = dnsmessage.RCodeServerFailure
	case !found:
		reply.RCode = dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeA:
		for _, a := range addresses {
			reply.Answers = append(reply.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: 5},
				Body:   &dnsmessage.AResource{A: a},
			})
		}
	}
	return reply.Pack()
}

// account is where a pod finds what to talk to the API server with.
const account = "/var/run/secrets/kubernetes.io/serviceaccount/"

// services looks Services up.
type services struct {
	client *http.Client
	server string
	token  func() (string, error) // It is renewed while the pod runs.
}

// inCluster returns the Services of the cluster this process is a pod of.
func inCluster() (services, error) {
	authority, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		return services{}, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return services{}, errors.New("no certificate in ca.crt")
	}
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	server := "https://" + net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	token := func() (string, error) {
		data, err := os.ReadFile(account + "token")
		return string(data), err
	}
	return services{client, server, token}, nil
}

// addresses returns what a name stands for, and whether there is such a name.
func (s services) addresses(name string) (addresses [][4]byte, found bool, err error) {
	name, found = strings.CutSuffix(strings.ToLower(name), ".svc.cluster.local.")
	labels := strings.Split(name, ".")
	if !found || len(labels) != 2 {
		return nil, false, nil
	}
	var service struct{ Spec struct{ ClusterIP string } }
	if found, err := s.get(&service, "/api/v1/namespaces/%s/services/%s", labels[1], labels[0]); !found || err != nil {
		return nil, false, err
	}
	ips := []string{service.Spec.ClusterIP}
	if service.Spec.ClusterIP == "None" {
		if ips, err = s.endpoints(labels[1], labels[0]); err != nil {
			return nil, false, err
		}
	}
	for _, ip := range ips {
		if a, err := netip.ParseAddr(ip); err == nil && a.Is4() {
			addresses = append(addresses, a.As4())
		}
	}
	return addresses, true, nil
}

// endpoints returns the addresses of the pods behind a headless Service.
func (s services) endpoints(namespace, service string) ([]string, error) {
	var slices struct {
		Items []struct {
			Endpoints []struct{ Addresses []string }
		}
	}
	path := "/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices?labelSelector=kubernetes.io/service-name=%s"
	if _, err := s.get(&slices, path, namespace, service); err != nil {
		return nil, err
	}
	var ips []string
	for _, slice := range slices.Items {
		for _, e := range slice.Endpoints {
			ips = append(ips, e.Addresses...)
		}
	}
	return ips, nil
}

// get reads an object of the API, and reports whether it exists.
func (s services) get(into any, path string, names ...any) (bool, error) {
	token, err := s.token()
	if err != nil {
		return false, err
	}
	request, err := http.NewRequest(http.MethodGet, s.server+fmt.Sprintf(path, names...), nil)
	if err != nil {
		return false, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := s.client.Do(request)
	if err != nil {
		return false, err
	}
	defer response.Body.Close() //nolint:errcheck // It was only read.
	switch response.StatusCode {
	case http.StatusOK:
		return true, json.NewDecoder(response.Body).Decode(into)
	case http.StatusNotFound:
		return false, nil
	default:
		return false, fmt.Errorf("the API server returns %s", response.Status)
	}
}
