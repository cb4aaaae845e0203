// Command dns resolves the names of Services, <service>.<namespace>.svc.cluster.local, to their ClusterIPs by asking the
// API server, and the names of a headless Service's pods to theirs. It is all the DNS the test bed's pods need: they
// cannot reach anything outside, so every other name does not exist.
package main

import (
	"log"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/fluxmonitoring/operator/test/cluster/origin/api"
)

func main() {
	connection, err := net.ListenPacket("udp", ":5353")
	if err != nil {
		log.Fatal(err)
	}
	cluster, err := api.InCluster()
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
			reply, err := answer(services{cluster}, query)
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

// services looks Services up.
type services struct{ api.API }

// addresses returns what a name stands for, and whether there is such a name.
func (s services) addresses(name string) (addresses [][4]byte, found bool, err error) {
	name, found = strings.CutSuffix(strings.ToLower(name), ".svc.cluster.local.")
	labels := strings.Split(name, ".")
	if !found || len(labels) != 2 {
		return nil, false, nil
	}
	var service struct{ Spec struct{ ClusterIP string } }
	if found, err := s.Get(&service, "/api/v1/namespaces/%s/services/%s", labels[1], labels[0]); !found || err != nil {
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
	if _, err := s.Get(&slices, path, namespace, service); err != nil {
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
