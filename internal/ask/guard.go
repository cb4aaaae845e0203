package ask

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
)

// errNotAllowed is that an address must not be connected to.
var errNotAllowed = errors.New("the operator does not connect to this address")

// metadataServices are services of clouds that give credentials to whoever can connect to them, and whose addresses are not link-local.
var metadataServices = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("168.63.129.16"),
	netip.MustParseAddr("192.0.0.192"),
}

// Guard says to which addresses connections are made. It is asked when a name has been resolved, so no name can lead elsewhere later.
type Guard struct {
	// APIServer are the addresses of the API server, with their ports.
	APIServer []netip.AddrPort
	// Loopback allows loopback addresses, for tests.
	Loopback bool
}

// allows reports whether an address may be connected to: not one of this host, of the link, of a group, or of the API server.
func (g Guard) allows(to netip.AddrPort) bool {
	addr := embedded(to.Addr().Unmap().WithZone(""))
	if addr.IsLoopback() && g.Loopback {
		return true
	}
	if !addr.IsGlobalUnicast() || addr.IsLoopback() || addr.IsLinkLocalUnicast() {
		return false
	}
	return !slices.Contains(metadataServices, addr) && !slices.ContainsFunc(g.APIServer, func(server netip.AddrPort) bool {
		return addr == server.Addr().Unmap() && to.Port() == server.Port()
	})
}

// nat64 are the addresses by which a translator of the network reaches IPv4 addresses, which are their last four bytes.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// embedded is the IPv4 address that an address stands for, or the address itself.
func embedded(addr netip.Addr) netip.Addr {
	if !nat64.Contains(addr) {
		return addr
	}
	bytes := addr.As16()
	return netip.AddrFrom4([4]byte(bytes[12:]))
}

// control refuses a connection before it is made.
func (g Guard) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !g.allows(to) {
		return &net.OpError{Op: "dial", Err: errNotAllowed}
	}
	return nil
}
