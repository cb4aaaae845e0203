package desired

import (
	"fmt"
	"strings"

	"github.com/fluxmonitoring/operator/internal/flux"
)

// aPort is what a controller that can be scraped has.
const aPort = "a container port whose name begins with " + flux.MetricsPort

// Unscraped says which Deployments look like controllers of Flux and cannot be scraped, and what they lack; empty where there is
// none. What only its labels call a part of Flux may well be none.
func Unscraped(installed flux.Installation) string {
	var sentences []string
	for _, u := range installed.Unscraped {
		if u.Component != "" {
			sentences = append(sentences, fmt.Sprintf("Deployment %s/%s looks like %s and is not scraped: give it %s",
				installed.Namespace, u.Name, u.Component, aPort))
		}
	}
	return strings.Join(sentences, ". ")
}

// Unrecognised says which Deployments were not recognised: those that are scraped and may be any controller, and those that are not
// scraped and may be one; empty where there is none.
func Unrecognised(installed flux.Installation) string {
	var sentences []string
	for _, name := range installed.Unrecognised() {
		sentences = append(sentences, fmt.Sprintf("it is not known which controller of Flux Deployment %s/%s is: label it %s",
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

// NoControllers says that the namespace of Flux holds no controller, and what looks like one.
func NoControllers(installed flux.Installation) string {
	lacking := strings.Trim(Unscraped(installed)+". "+Unrecognised(installed), ". ")
	if lacking == "" {
		lacking = "set spec.flux.namespace to where they run"
	}
	return fmt.Sprintf("namespace %s holds no controller of Flux (a Deployment with %s): %s", installed.Namespace, aPort, lacking)
}
