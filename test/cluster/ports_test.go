package cluster

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if os.Getenv("ASK_FOR_PORTS_FROM") != "" { // this is the other process of the test below
		os.Exit(printPort())
	}
	os.Exit(m.Run())
}

func printPort() int {
	_, _ = fmt.Sscan(os.Getenv("ASK_FOR_PORTS_FROM"), &reserved.next)
	addresses, err := FreeAddresses(1)
	fmt.Println(append(addresses, "")[0])
	if err != nil {
		return 1
	}
	return 0
}

func TestAPortIsReservedForOneProcess(t *testing.T) {
	mine, err := FreePorts(2)
	if err != nil {
		t.Fatal(err)
	}
	again, err := FreePorts(1)
	if err != nil || again[0] == mine[0] || again[0] == mine[1] || mine[0] == mine[1] {
		t.Errorf("this process gets %v and then %v: %v", mine, again, err)
	}
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), fmt.Sprint("ASK_FOR_PORTS_FROM=", mine[0]))
	out, err := other.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range append(mine, again...) {
		if strings.HasSuffix(strings.TrimSpace(string(out)), fmt.Sprint(":", port)) {
			t.Errorf("another process gets %s too", out)
		}
	}
}

func TestAPortInUseIsNotReserved(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // it has no connections
	if mine, err := reserve(t.TempDir(), listener.Addr().(*net.TCPAddr).Port); mine || err != nil {
		t.Errorf("it is reserved: %t, %v", mine, err)
	}
}
