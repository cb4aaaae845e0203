package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"
)

// tunnelTime is how long the API server and the kubelet may take to connect to a pod.
const tunnelTime = 15 * time.Second

// wrapping is before the words of the API server, such as that there is no such pod, or no permission.
var wrapping = strings.NewReplacer(
	"error upgrading connection: ", "", "unable to upgrade connection: ", "", "unable to upgrade streaming request: ", "",
)

// tunnel connects to a port of a pod through the API server, as kubectl port-forward does. It needs the permission to create pods/portforward.
type tunnel struct {
	dialer httpstream.Dialer
	port   int
	end    <-chan struct{}

	once  sync.Once
	local string
	err   error
}

// newTunnel is a tunnel that ends with the context. It opens at the first connection.
func newTunnel(ctx context.Context, config *rest.Config, namespace, pod string, port int) (*tunnel, error) {
	api, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, err
	}
	dialer, err := dialerOf(config, api.JoinPath("api/v1/namespaces", namespace, "pods", pod, "portforward"))
	return &tunnel{dialer: dialer, port: port, end: ctx.Done()}, err
}

// dialerOf tries a WebSocket first, and then SPDY, for API servers and proxies without it.
func dialerOf(config *rest.Config, to *url.URL) (httpstream.Dialer, error) {
	overWebSocket, err := portforward.NewSPDYOverWebsocketDialerForStreaming(to, config)
	if err != nil {
		return nil, err
	}
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	plain := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, to)
	return portforward.NewFallbackDialerForStreaming(overWebSocket, plain, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	}), nil
}

// dial connects, whatever the address.
func (t *tunnel) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	t.once.Do(func() { t.local, t.err = t.open() })
	if t.err != nil {
		return nil, t.err
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", t.local)
}

// open listens on a port of this machine that nobody else uses, and returns its address.
func (t *tunnel) open() (string, error) {
	port, _, err := t.forward([]string{"127.0.0.1"}, 0, io.Discard)
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), err
}

// forward listens on a port of these addresses of this machine, and connects it until the tunnel ends. Port 0 is one that nobody else uses.
// What goes wrong with one connection is written to `problems`. The channel has the reason why the tunnel ended, or nil.
func (t *tunnel) forward(addresses []string, local int, problems io.Writer) (port int, ended <-chan error, err error) {
	ready, done := make(chan struct{}), make(chan error, 1)
	forwarder, err := portforward.NewOnAddressesForStreaming(t.dialer, addresses, []string{fmt.Sprintf("%d:%d", local, t.port)}, t.end, ready,
		io.Discard, problems)
	if err != nil {
		return 0, nil, err
	}
	go func() { done <- forwarder.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-done:
		return 0, nil, errors.New(wrapping.Replace(err.Error()))
	case <-time.After(tunnelTime):
		return 0, nil, errors.New("the API server does not connect to the pod")
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return 0, nil, err
	}
	return int(ports[0].Local), done, nil
}
