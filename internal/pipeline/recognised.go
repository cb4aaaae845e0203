package pipeline

import (
	"fmt"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// aPort is what a controller must have to be scraped.
const aPort = "a container port whose name begins with " + flux.MetricsPort

// ControllersNotScraped names the Deployments that look like controllers of Flux and cannot be scraped, and what they lack; empty if there
// is none. A Deployment that is a part of Flux only by its labels may be no controller.
func ControllersNotScraped(installed flux.Installation) string {
	var sentences []string
	for _, u := range installed.Unscraped {
		if u.Component != "" {
			sentences = append(sentences, fmt.Sprintf("Deployment %s/%s looks like %s and is not scraped: give it %s",
				installed.Namespace, u.Name, u.Component, aPort))
		}
	}
	return strings.Join(sentences, ". ")
}

// ControllersNotRecognised names the Deployments that are not recognised: those that are scraped and may be any controller, and those that
// are not scraped and may be one; empty if there is none.
func ControllersNotRecognised(installed flux.Installation) string {
	var sentences []string
	for _, name := range installed.Unrecognised() {
		sentences = append(sentences, fmt.Sprintf("the operator does not know which controller of Flux Deployment %s/%s is: label it %s",
			installed.Namespace, name, asComponent))
	}
	for _, u := range installed.Unscraped {
		if u.Component == "" {
			sentences = append(sentences, fmt.Sprintf("Deployment %s/%s is labelled as part of Flux and is not scraped: if it is a controller, give it %s",
				installed.Namespace, u.Name, aPort))
		}
	}
	return strings.Join(sentences, ". ")
}

// asComponent is the label that says which controller a Deployment is.
const asComponent = "app.kubernetes.io/component with the controller's name, such as " + flux.SourceController

// NoControllers says that the namespace of Flux has no controller, and what looks like one.
func NoControllers(installed flux.Installation) string {
	lacking := strings.Trim(ControllersNotScraped(installed)+". "+ControllersNotRecognised(installed), ". ")
	if lacking == "" {
		lacking = "set spec.flux.namespace to where they run"
	}
	return fmt.Sprintf("namespace %s has no controller of Flux (a Deployment with %s): %s", installed.Namespace, aPort, lacking)
}
