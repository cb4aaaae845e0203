//go:build linux

package main

import (
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
)

// outerNetwork makes the link from the machine to the node that runs as process pid. It vanishes with the node.
func outerNetwork(pid int) error {
	return ip(
		"link add "+link+" type veth peer name eth0 netns "+strconv.Itoa(pid),
		"addr add "+hostIP+"/30 dev "+link,
		"link set "+link+" up",
		"route add "+podCIDR+" via "+nodeIP,
		"route add "+serviceCIDR+" via "+nodeIP,
	)
}

// removeLink takes the machine's end of the link away. The kernel does so too, but some time after the node is gone.
func removeLink() error {
	err := ip("link del " + link)
	if _, gone := net.InterfaceByName(link); gone == nil {
		return err
	}
	return nil
}

// innerNetwork sets up the node's end.
func innerNetwork() error {
	return ip(
		"link set lo up",
		"addr add "+nodeIP+"/30 dev eth0",
		"link set eth0 up",
		"route add default via "+hostIP,
	)
}

func ip(commands ...string) error {
	for _, command := range commands {
		if out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", command, err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}
