package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// toStart has the folder of a starter's server in its environment.
const toStart = "FLUXMONITORING_TEST_STARTS"

// The server is a sleep of a minute, and who starts it this test as a process of its own, which is killed.
func TestAServerEndsWithTheProcessThatStartedIt(t *testing.T) {
	if folder := os.Getenv(toStart); folder != "" {
		startServer(t, folder)
	}
	starter := exec.Command(os.Args[0], "-test.run", t.Name())
	starter.Env = append(os.Environ(), toStart+"="+t.TempDir())
	out, err := starter.StdoutPipe()
	if err := errors.Join(err, starter.Start()); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	pid, err := strconv.Atoi(lines.Text())
	if err := errors.Join(err, starter.Process.Kill()); err != nil {
		t.Fatal(err)
	}
	_ = starter.Wait() // It was killed.
	for deadline := time.Now().Add(20 * time.Second); alive(pid); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server goes on without the process that started it")
		}
	}
}

// startServer starts a server that prints its process, and does not return.
func startServer(t *testing.T, folder string) {
	t.Helper()
	c := &ControlPlane{Assets: filepath.Join(folder, "assets"), scratch: folder}
	server := "#!/bin/sh\necho $$\nexec sleep 60\n"
	if err := errors.Join(os.Mkdir(c.Assets, 0o755), os.WriteFile(filepath.Join(c.Assets, "etcd"), []byte(server), 0o755), c.wrap("etcd"), c.hold()); err != nil {
		t.Fatal(err)
	}
	etcd := exec.Command(c.wrapper("etcd"))
	etcd.Stdout = os.Stdout
	t.Fatal(etcd.Run())
}

// alive reports whether a process runs. One that has ended may not have been collected.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil {
		return !strings.Contains(string(status), ") Z ")
	}
	return syscall.Kill(pid, 0) == nil
}
