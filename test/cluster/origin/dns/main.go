// Command dns resolves the names of Services, <service>.<namespace>.svc.cluster.local, to their ClusterIPs by asking the
// API server, and the names of a headless Service's pods to theirs. It is all the DNS the test bed's pods need: they
// cannot reach anything outside, so every other name does not exist.
package main

import (
	"log"
	"net"

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
