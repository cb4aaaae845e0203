package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
)

const (
	// reconciled is how long a controller may take to start and to reconcile all it is given.
	reconciled = 2 * time.Minute
	// often is the time between two checks.
	often = time.Second
)

// scrape runs a controller until it has reconciled the objects, and returns its metrics.
func scrape(ctx context.Context, c client.Client, binary string, kubeconfig []byte, objects []*unstructured.Unstructured) ([]byte, error) {
	addresses, err := cluster.FreeAddresses(4)
	if err != nil {
		return nil, err
	}
	log, stop, err := start(binary, kubeconfig, addresses)
	if err != nil {
		return nil, err
	}
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, reconciled)
	defer cancel()
	tick := time.NewTicker(often)
	defer tick.Stop()
	metrics := "http://" + addresses[0] + "/metrics"
	for {
		text, err := get(ctx, metrics)
		if err == nil {
			err = allReconciled(ctx, c, text, objects)
		}
		if err == nil {
			knock(ctx, addresses[2], addresses[3])
			return get(ctx, metrics)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			output, _ := os.ReadFile(log) // The error is reported without it too.
			return nil, errors.Join(fmt.Errorf("not reconciled after %s: %w", reconciled, err), fmt.Errorf("its log:\n%s", output))
		}
	}
}

// knock asks for nothing at the servers a controller may have: what is counted of them is there from the first request on.
func knock(ctx context.Context, addresses ...string) {
	for _, address := range addresses {
		_, _ = get(ctx, "http://"+address+"/") // Most have no server there.
	}
}

// start runs a controller with the flags of its Deployment, but on loopback. The addresses are for its metrics, its health,
// the artifacts it serves or the events it takes, and its webhooks.
func start(binary string, kubeconfig []byte, addresses []string) (log string, stop func(), err error) {
	log, config, storage := binary+".log", binary+".kubeconfig", binary+".storage"
	if err := errors.Join(os.WriteFile(config, kubeconfig, 0o600), os.MkdirAll(storage, 0o755)); err != nil {
		return "", nil, err
	}
	output, err := os.Create(log)
	if err != nil {
		return "", nil, err
	}
	defer output.Close() //nolint:errcheck // the process has its own handle.
	events := []string{"--events-addr="}
	if strings.Contains(binary, "notification-controller") { // It takes the events of the others.
		events = []string{"--events-addr=" + addresses[2], "--receiverAddr=" + addresses[3]}
	}
	cmd := exec.Command(binary, append(events, "--metrics-addr="+addresses[0], "--health-addr="+addresses[1])...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+config, "RUNTIME_NAMESPACE=flux-system",
		"STORAGE_PATH="+storage, "STORAGE_ADDR="+addresses[2], "STORAGE_ADV_ADDR="+addresses[2])
	cmd.Stdout, cmd.Stderr = output, output
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	return log, func() {
		_ = cmd.Process.Kill() // Its metrics have been read.
		_ = cmd.Wait()
	}, nil
}

func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // It was read.
	return io.ReadAll(response.Body)
}

// count matches how often an object was reconciled.
var count = regexp.MustCompile(`(?m)^gotk_reconcile_duration_seconds_count\{kind="(\w+)",name="(\w+)",namespace="\w+"\} (\d+)$`)

// allReconciled is an error that names an object still to be reconciled. The first time a controller only adds its finalizer.
func allReconciled(ctx context.Context, c client.Client, text []byte, objects []*unstructured.Unstructured) error {
	times := map[string]int{}
	for _, found := range count.FindAllSubmatch(text, -1) {
		times[string(found[1])+"/"+string(found[2])], _ = strconv.Atoi(string(found[3])) // The pattern admits digits alone.
	}
	for _, o := range objects {
		id := o.GetKind() + "/" + o.GetName()
		if times[id] < 2 {
			return fmt.Errorf("%s was reconciled %d times", id, times[id])
		}
		if suspended, _, _ := unstructured.NestedBool(o.Object, "spec", "suspend"); suspended {
			continue
		}
		if err := c.Get(ctx, client.ObjectKeyFromObject(o), o); err != nil {
			return err
		}
		if status := ready(o); status != "False" {
			return fmt.Errorf("%s has Ready %q", id, status)
		}
	}
	return nil
}

// ready is the status of the object's condition of that name.
func ready(o *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		if condition, ok := c.(map[string]any); ok && condition["type"] == "Ready" {
			status, _ := condition["status"].(string)
			return status
		}
	}
	return ""
}
