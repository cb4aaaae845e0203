package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// failing is a Kustomization as a user writes it.
const failing = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: shop
  namespace: default
spec:
  interval: 10m
  prune: true
  path: ./deploy
  sourceRef: {kind: GitRepository, name: shop}
`

// failed is what kustomize-controller would write of it when it fails.
const failed = `{"status":{"conditions":[{"type":"Ready","status":"False","reason":"BuildFailed",
"message":"kustomization.yaml: no such file","lastTransitionTime":"2026-01-01T00:00:00Z","observedGeneration":1}]}}`

// exportState has an object fail, and shows what the operator exports of it.
func (d *demo) exportState(ctx context.Context) error {
	file := filepath.Join(d.folder, "kustomization.yaml")
	if err := os.WriteFile(file, []byte(failing), 0o600); err != nil {
		return err
	}
	if err := d.kubectl(ctx, "apply", "-f", file); err != nil {
		return err
	}
	d.screen.say("No controller runs here, so the demo writes the status of a failed build, as kustomize-controller would:")
	if err := d.kubectl(ctx, "patch", "kustomization", "shop", "--subresource=status", "--type=merge", "-p", failed); err != nil {
		return err
	}
	written := time.Now()
	lines, err := d.exported(ctx, `ready="False"`)
	if err != nil {
		return err
	}
	d.screen.measured("exported %s after the status was written", short(time.Since(written)))
	d.screen.command("curl -s " + d.operator.exporter + " | grep shop")
	d.screen.output(strings.Join(lines, "\n"))
	d.screen.say("Flux's monitoring guide alerts on gotk_reconcile_condition, which the controllers no longer export. The operator exports it\n" +
		"again, so alerts that were copied from the guide work unchanged.")
	return nil
}

// exported are the lines about the object, once one of them holds a text.
func (d *demo) exported(ctx context.Context, text string) ([]string, error) {
	for {
		lines, err := d.scrape(ctx)
		if err == nil && strings.Contains(strings.Join(lines, "\n"), text) {
			return lines, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, context.Cause(ctx))
		case <-time.After(time.Millisecond):
		}
	}
}

// scrape asks the exporter for the lines about the object.
func (d *demo) scrape(ctx context.Context) ([]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.operator.exporter, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end.
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(body)) {
		if strings.Contains(line, `name="shop"`) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines, nil
}
