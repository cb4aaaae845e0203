package stack

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/fluxmonitoring/operator/test/cluster"
	"github.com/fluxmonitoring/operator/test/cluster/parts"
)

// Chart lays the chart of test/testdata/stack out in a folder, with the versions of the images, and with the CRDs of prometheus-operator.
func Chart(ctx context.Context, folder string) error {
	root, err := parts.Checkout()
	if err != nil {
		return err
	}
	_, monitoring, err := cluster.CRDs(ctx)
	if err != nil {
		return err
	}
	versions, err := versions()
	if err != nil {
		return err
	}
	err = errors.Join(
		os.CopyFS(folder, os.DirFS(filepath.Join(root, "test", "testdata", "stack", "chart"))),
		os.CopyFS(filepath.Join(folder, "charts", "crds", "crds"), os.DirFS(monitoring)),
	)
	if err != nil {
		return err
	}
	values := filepath.Join(folder, "values.yaml")
	content, err := os.ReadFile(values)
	if err != nil {
		return err
	}
	return os.WriteFile(values, []byte(versions.Replace(string(content))), 0o644)
}
