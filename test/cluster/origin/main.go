// Command origin is what the test bed's Flux reconciles from: over plain HTTP, on one port, an OCI registry that holds a
// Flux artifact, a Helm repository that holds a chart, and a Git repository. Beside that it is the receiver of webhooks,
// and returns to tests what it received. It also serves what tests publish, and nothing else.
package main

import (
	"log"
	"net"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

const (
	address      = ":5000"
	registryHost = "127.0.0.1" + address
)

func main() {
	charts, err := helmRepository()
	if err != nil {
		log.Fatalf("making the Helm repository: %v", err)
	}
	repository, err := gitRepository(hello)
	if err != nil {
		log.Fatalf("making the Git repository: %v", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/v2/", registry.New())
	mux.Handle("/hello.git/", http.StripPrefix("/hello.git", repository))
	mux.Handle("/charts/", http.StripPrefix("/charts", charts))
	received := &notifications{now: time.Now}
	mux.Handle("/notifications/", http.StripPrefix("/notifications", received.handler()))
	repositories := &published{registry: registryHost, repositories: map[string]http.Handler{}}
	mux.Handle("/published/", http.StripPrefix("/published", repositories))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := push(registryHost+"/hello:latest", hello); err != nil {
			log.Fatalf("pushing the artifact: %v", err)
		}
		log.Printf("serving %s", address)
	}()
	log.Fatal(server.Serve(listener))
}
