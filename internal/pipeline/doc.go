// Package pipeline is how far samples and alerts get, as a pure function of a spec, the facts and the objects: which metrics source exports
// the state of Flux objects, which Prometheus selects the generated objects and has the samples, which one evaluates the alerts, and which
// Alertmanager notifies the receivers. It does not know how the objects are built, and knows no conditions.
package pipeline
