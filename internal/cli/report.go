package cli

import (
	"fmt"
	"io"

	fluxmeta "github.com/fluxcd/pkg/apis/meta"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
)

// report prints the conditions of a FluxMonitoring, one per line. The error is the condition that somebody must act
// on.
func report(out io.Writer, fm *v1alpha1.FluxMonitoring, status v1alpha1.FluxMonitoringStatus) error {
	for _, c := range status.Conditions {
		if c.Type == fluxmeta.StalledCondition || c.Type == fluxmeta.ReconcilingCondition {
			continue // they repeat Ready
		}
		if _, err := fmt.Fprintf(out, "# %s/%s %s=%s %s: %s\n", fm.Namespace, fm.Name, c.Type, c.Status, c.Reason, c.Message); err != nil {
			return err
		}
	}
	if c := meta.FindStatusCondition(status.Conditions, fluxmeta.StalledCondition); c != nil {
		return fmt.Errorf("FluxMonitoring %s/%s: %s: %s", fm.Namespace, fm.Name, c.Reason, c.Message)
	}
	return nil
}
