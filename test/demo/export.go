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

	"github.com/fluxmonitoring/operator/test/must"
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
func (d *demo) exportState(ctx context.Context) {
	file := filepath.Join(d.folder, "kustomization.yaml")
	must.Succeed(os.WriteFile(file, []byte(failing), 0o600))
	d.kubectl(ctx, "apply", "-f", file)
	d.screen.say("No controller runs here, so the demo writes the status of a failed build, as kustomize-controller would:")
	d.kubectl(ctx, "patch", "kustomization", "shop", "--subresource=status", "--type=merge", "-p", failed)
	written := time.Now()
	lines := d.exported(ctx, `ready="False"`)
	d.screen.measured("exported %s after the status was written", short(time.Since(written)))
	d.screen.command("curl -s " + d.exporter + " | grep shop")
	d.screen.output(strings.Join(lines, "\n"))
	d.screen.say("Flux's monitoring guide alerts on gotk_reconcile_condition, which the controllers no longer export. The operator exports it\n" +
		"again, so alerts that were copied from the guide work unchanged.")
}

// exported are the lines about the object, once one of them holds a text.
func (d *demo) exported(ctx context.Context, text string) (lines []string) {
	for !strings.Contains(strings.Join(lines, "\n"), text) {
		if err := must.Try(func() { lines = d.scrape(ctx) }); ctx.Err() != nil {
			must.Succeed(errors.Join(err, context.Cause(ctx)))
		}
		time.Sleep(time.Millisecond)
	}
	return lines
}

// scrape asks the exporter for the lines about the object.
func (d *demo) scrape(ctx context.Context) []string {
	response, err := http.DefaultClient.Do(must.Get(http.NewRequestWithContext(ctx, http.MethodGet, d.exporter, nil)))
	must.Succeed(err)
	defer response.Body.Close() //nolint:errcheck // it was read to its end.
	var lines []string
	for line := range strings.Lines(string(must.Get(io.ReadAll(response.Body)))) {
		if strings.Contains(line, `name="shop"`) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}
