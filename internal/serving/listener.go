package serving

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
)

const (
	// connections is how many a port has open at once.
	connections = 64
	// connectionsOfOne is how many of them one source address may have.
	connectionsOfOne = 16
	// sent and received are how much the kernel keeps of a connection. Without it, it keeps megabytes for a client that does not read.
	sent, received = 128 << 10, 64 << 10
)

// listen listens on an address, and bounds the connections. At the limit, a client of a source address that has few connections
// takes the place of the oldest one of the address that has most. Any other is closed at once, so that none waits unseen.
func listen(ctx context.Context, address string) (net.Listener, error) {
	inner, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &bounded{Listener: inner, open: map[string][]*connection{}}, nil
}

type bounded struct {
	net.Listener

	mu   sync.Mutex
	open map[string][]*connection // by source address, the oldest first
	all  int
}

// Accept returns the next connection that there is room for.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		inner, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		limit(inner)
		c := &connection{Conn: inner, source: source(inner.RemoteAddr().String()), of: b}
		admitted, evicted := b.admit(c)
		if evicted != nil {
			evicted.abort()
		}
		if admitted {
			return c, nil
		}
		c.abort()
	}
}

// admit counts a connection in if there is room. The one to close for it may be nil.
func (b *bounded) admit(c *connection) (admitted bool, evicted *connection) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := len(b.open[c.source])
	if own >= connectionsOfOne {
		return false, nil
	}
	if b.all >= connections {
		most := b.greediest()
		if len(b.open[most]) <= own+1 {
			return false, nil
		}
		evicted = b.open[most][0]
		b.remove(evicted)
	}
	b.open[c.source] = append(b.open[c.source], c)
	b.all++
	return true, evicted
}

func (b *bounded) greediest() string {
	var most string
	for source, open := range b.open {
		if len(open) > len(b.open[most]) {
			most = source
		}
	}
	return most
}

// remove counts a connection out, if it is counted in.
func (b *bounded) remove(c *connection) {
	open := b.open[c.source]
	for i, other := range open {
		if other == c {
			b.all--
			if b.open[c.source] = append(open[:i:i], open[i+1:]...); len(open) == 1 {
				delete(b.open, c.source)
			}
			return
		}
	}
}

// connection is one that its listener counts until it is closed.
type connection struct {
	net.Conn
	source string
	of     *bounded
	failed atomic.Bool
}

// Write notes whether the client takes what is written.
func (c *connection) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		c.failed.Store(true)
	}
	return n, err
}

// Close discards what a client has not read that takes nothing any more. The kernel would keep it for minutes.
func (c *connection) Close() error {
	if tcp, is := c.Conn.(*net.TCPConn); is && c.failed.Load() {
		_ = tcp.SetLinger(0)
	}
	c.of.mu.Lock()
	c.of.remove(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

func (c *connection) abort() {
	c.failed.Store(true)
	_ = c.Close()
}

func limit(inner net.Conn) {
	if tcp, is := inner.(*net.TCPConn); is {
		_ = tcp.SetWriteBuffer(sent)
		_ = tcp.SetReadBuffer(received)
	}
}

// source is an address without its port.
func source(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
