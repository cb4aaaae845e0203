package cluster

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// The ports that are given out are below those of Services (from 30000) and those that systems choose by themselves (Linux from 32768,
// macOS from 49152), so that no connection takes one between the answer and its use.
const (
	firstPort = 20000
	lastPort  = 30000
)

// reserved are the lock files of the ports that this process has been given. They stay open: the locks end with the process, and no other
// process that asks here gets the ports until then.
var reserved struct {
	sync.Mutex
	next  int
	files []*os.File
}

// FreePorts returns that many different ports of 127.0.0.1 that nobody listens on. They are this process's until it ends.
func FreePorts(n int) ([]int, error) {
	folder := filepath.Join(os.TempDir(), "fluxmonitoring-ports")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	reserved.Lock()
	defer reserved.Unlock()
	if reserved.next == 0 {
		reserved.next = firstPort + os.Getpid()%(lastPort-firstPort) // so that processes seldom meet
	}
	var ports []int
	for tried := firstPort; tried < lastPort && len(ports) < n; tried++ {
		port := reserved.next
		if reserved.next++; reserved.next == lastPort {
			reserved.next = firstPort
		}
		if mine, err := reserve(folder, port); err != nil {
			return nil, err
		} else if mine {
			ports = append(ports, port)
		}
	}
	if len(ports) < n {
		return nil, fmt.Errorf("fewer than %d ports of 127.0.0.1 are free", n)
	}
	return ports, nil
}

// reserve reports whether a port is free, and now this process's.
func reserve(folder string, port int) (bool, error) {
	file, err := os.OpenFile(filepath.Join(folder, fmt.Sprint(port)), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return false, fmt.Errorf("reserving port %d: %w", port, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = nil
		}
		return false, errors.Join(err, file.Close())
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil { // a process has it that does not ask here
		return false, file.Close()
	}
	reserved.files = append(reserved.files, file)
	return true, listener.Close()
}

// FreeAddresses returns that many different addresses of 127.0.0.1, with their ports, as FreePorts does.
func FreeAddresses(n int) ([]string, error) {
	ports, err := FreePorts(n)
	if err != nil {
		return nil, err
	}
	addresses := make([]string, 0, n)
	for _, port := range ports {
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", port))
	}
	return addresses, nil
}
