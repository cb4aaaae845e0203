package serving

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
)

const (
	// maxConnections is how many connections a port has at once.
	maxConnections = 64
	// maxConnectionsPerSource is how many of them one source address can have.
	maxConnectionsPerSource = 16
	// writeBuffer and readBuffer bound the kernel's memory per connection. By default it is megabytes for a client
	// that does not read.
	writeBuffer, readBuffer = 128 << 10, 64 << 10
)

// listen returns a listener with a bounded number of connections. At the limit, a new connection from an address with
// few replaces the oldest one of the address with most. Any other is closed at once instead of waiting.
func listen(ctx context.Context, address string) (net.Listener, error) {
	inner, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &limitedListener{Listener: inner, bySource: map[string][]*connection{}}, nil
}

type limitedListener struct {
	net.Listener

	mu       sync.Mutex
	bySource map[string][]*connection // by source address, the oldest first
	total    int
}

// Accept returns the next admitted connection.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		setBuffers(inner)
		c := &connection{Conn: inner, source: sourceOf(inner.RemoteAddr().String()), listener: l}
		admitted, evicted := l.admit(c)
		if evicted != nil {
			evicted.abort()
		}
		if admitted {
			return c, nil
		}
		c.abort()
	}
}

// admit counts a connection if there is room, and returns the one to close for it, if any.
func (l *limitedListener) admit(c *connection) (admitted bool, evicted *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := len(l.bySource[c.source])
	if own >= maxConnectionsPerSource {
		return false, nil
	}
	if l.total >= maxConnections {
		most := l.greediest()
		if len(l.bySource[most]) <= own+1 {
			return false, nil
		}
		evicted = l.bySource[most][0]
		l.remove(evicted)
	}
	l.bySource[c.source] = append(l.bySource[c.source], c)
	l.total++
	return true, evicted
}

func (l *limitedListener) greediest() string {
	var most string
	for source, open := range l.bySource {
		if len(open) > len(l.bySource[most]) {
			most = source
		}
	}
	return most
}

// remove stops counting a connection.
func (l *limitedListener) remove(c *connection) {
	open := l.bySource[c.source]
	for i, other := range open {
		if other == c {
			l.total--
			if l.bySource[c.source] = append(open[:i:i], open[i+1:]...); len(open) == 1 {
				delete(l.bySource, c.source)
			}
			return
		}
	}
}

// connection is counted by its listener until it is closed.
type connection struct {
	net.Conn
	source      string
	listener    *limitedListener
	writeFailed atomic.Bool
}

// Write notes whether the client reads.
func (c *connection) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		c.writeFailed.Store(true)
	}
	return n, err
}

// Close discards unsent data of a client that does not read, which the kernel would otherwise keep for minutes.
func (c *connection) Close() error {
	if tcp, is := c.Conn.(*net.TCPConn); is && c.writeFailed.Load() {
		_ = tcp.SetLinger(0)
	}
	c.listener.mu.Lock()
	c.listener.remove(c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}

func (c *connection) abort() {
	c.writeFailed.Store(true)
	_ = c.Close()
}

func setBuffers(inner net.Conn) {
	if tcp, is := inner.(*net.TCPConn); is {
		_ = tcp.SetWriteBuffer(writeBuffer)
		_ = tcp.SetReadBuffer(readBuffer)
	}
}

// sourceOf returns an address without its port.
func sourceOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}
