// Package leash ties a server to whoever started it, so that a test that is killed leaves nothing running.
package leash

import (
	"fmt"
	"os"
	"time"
)

// Hold ends this process soon after its parent has ended.
func Hold() {
	parent := os.Getppid()
	go func() {
		for range time.Tick(time.Second) {
			if os.Getppid() != parent {
				fmt.Fprintln(os.Stderr, "the process that started this one is gone: ending")
				os.Exit(1)
			}
		}
	}()
}
