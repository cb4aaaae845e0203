package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/facts"
	"github.com/fluxmonitoring/operator/internal/pipeline"
	"github.com/fluxmonitoring/operator/internal/render"
	"github.com/fluxmonitoring/operator/internal/selection"
)

// AlertPath is how the alerts of a FluxMonitoring get to people.
type AlertPath struct {
	Facts facts.Facts
	// Status that the FluxMonitoring has by its spec and the facts. Its conditions report what is wrong.
	Status v1alpha1.FluxMonitoringStatus
	// Prometheuses evaluate the alerts.
	Prometheuses []monitoringv1.Prometheus
	// Alertmanagers are the objects of those to which these send, without those that do not run.
	Alertmanagers []monitoringv1.Alertmanager
}

// Choose returns the FluxMonitoring of this name, or the only one if the name is empty, and the path of its alerts. Without a namespace it can be
// in any.
func (i *Inspector) Choose(ctx context.Context, namespace, name string) (*v1alpha1.FluxMonitoring, AlertPath, error) {
	fm, err := i.chosen(ctx, namespace, name)
	if err != nil {
		return nil, AlertPath{}, err
	}
	path, err := i.alertPath(ctx, fm)
	return fm, path, err
}

// chosen is the FluxMonitoring that Choose returns.
func (i *Inspector) chosen(ctx context.Context, namespace, name string) (*v1alpha1.FluxMonitoring, error) {
	all, err := i.FluxMonitorings(ctx, namespace)
	if err != nil {
		return nil, err
	}
	var chosen []*v1alpha1.FluxMonitoring
	var names []string
	for n := range all {
		if name == "" || name == all[n].Name {
			chosen, names = append(chosen, &all[n]), append(names, all[n].Namespace+"/"+all[n].Name)
		}
	}
	switch len(chosen) {
	case 0:
		return nil, errors.New("no such FluxMonitoring")
	case 1:
		return chosen[0], nil
	}
	return nil, fmt.Errorf("there are several FluxMonitorings (%s): name one, and its --namespace", strings.Join(names, ", "))
}

// alertPath of a FluxMonitoring, by the operator's own code.
func (i *Inspector) alertPath(ctx context.Context, fm *v1alpha1.FluxMonitoring) (path AlertPath, err error) {
	if path.Facts, err = i.Observe(ctx, fm); err != nil {
		return path, err
	}
	rendered, err := render.Render(fm, path.Facts)
	if err != nil {
		return path, err
	}
	path.Status = rendered.Status
	recipients, err := i.addPrometheuses(ctx, &path, pipeline.EvaluationOf(fm, path.Facts, rendered.Objects).By)
	if err != nil {
		return path, err
	}
	return path, i.addAlertmanagers(ctx, &path, recipients)
}

// addPrometheuses adds the Prometheus objects of these names, and returns to where they send alerts.
func (i *Inspector) addPrometheuses(ctx context.Context, path *AlertPath, names []string) (recipients []selection.Recipient, err error) {
	for _, p := range path.Facts.Prometheuses {
		if !p.EvaluatesRules() || !slices.Contains(names, p.Namespace+"/"+p.Name) {
			continue
		}
		var o monitoringv1.Prometheus
		if err := i.get(ctx, p.Namespace, p.Name, &o); err != nil {
			return nil, err
		}
		path.Prometheuses = append(path.Prometheuses, o)
		recipients = append(recipients, p.Recipients...)
	}
	return recipients, nil
}

// addAlertmanagers adds the Alertmanager objects that answer there and run.
func (i *Inspector) addAlertmanagers(ctx context.Context, path *AlertPath, recipients []selection.Recipient) error {
	for _, a := range path.Facts.Alertmanagers {
		if a.IdleReason() != "" || !slices.ContainsFunc(recipients, a.AnswersAt) {
			continue
		}
		var o monitoringv1.Alertmanager
		if err := i.get(ctx, a.Namespace, a.Name, &o); err != nil {
			return err
		}
		path.Alertmanagers = append(path.Alertmanagers, o)
	}
	return nil
}

func (i *Inspector) get(ctx context.Context, namespace, name string, o client.Object) error {
	if err := i.live.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, o); err != nil {
		return fmt.Errorf("reading %s/%s: %w", namespace, name, err)
	}
	return nil
}
