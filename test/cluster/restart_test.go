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

// The server is a sleep of a minute, and who starts it a shell, which is killed.
func TestAServerEndsWithTheProcessThatStartedIt(t *testing.T) {
	c := &ControlPlane{Assets: t.TempDir(), scratch: t.TempDir()}
	server := "#!/bin/sh\necho $$\nexec sleep 60\n"
	if err := errors.Join(c.wrap("etcd"), os.WriteFile(filepath.Join(c.Assets, "etcd"), []byte(server), 0o755)); err != nil {
		t.Fatal(err)
	}
	starter := exec.Command("sh", "-c", `"$0" --serve & wait`, c.wrapper("etcd"))
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

// alive reports whether a process runs. One that has ended may not have been collected.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil {
		return !strings.Contains(string(status), ") Z ")
	}
	return syscall.Kill(pid, 0) == nil
}
