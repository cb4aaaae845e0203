// Package api reads objects from the API server of the cluster that a pod runs in, with nothing but the standard library.
package api

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// account is where a pod finds what to talk to the API server with.
const account = "/var/run/secrets/kubernetes.io/serviceaccount/"

// API is what a process asks the API server with.
type API struct {
	Client *http.Client
	Server string
	Token  func() (string, error) // It is renewed while the pod runs.

	metadata bool
}

// InCluster returns the API of the cluster this process is a pod of.
func InCluster() (API, error) {
	authority, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		return API{}, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return API{}, errors.New("no certificate in ca.crt")
	}
	client := &http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	server := "https://" + net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	token := func() (string, error) {
		data, err := os.ReadFile(account + "token")
		return string(data), err
	}
	return API{Client: client, Server: server, Token: token}, nil
}

// metadataOnly has the API server leave out everything but the metadata of objects.
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

// Metadata reads of objects only their metadata.
func (a API) Metadata() API {
	a.metadata = true
	return a
}

func (a API) accept() string {
	if a.metadata {
		return metadataOnly
	}
	return "application/json"
}

// Get reads an object of the API, and reports whether it exists.
func (a API) Get(into any, path string, names ...any) (bool, error) {
	token, err := a.Token()
	if err != nil {
		return false, err
	}
	request, err := http.NewRequest(http.MethodGet, a.Server+fmt.Sprintf(path, names...), nil)
	if err != nil {
		return false, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", a.accept())
	response, err := a.Client.Do(request)
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
