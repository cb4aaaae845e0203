// Package pipeline says how far samples and alerts get, as a pure function of a spec, the facts and the objects: from which source the state
// of Flux objects comes, which Prometheus selects what is generated and has the samples, which one evaluates the alerts, and which Alertmanager
// notifies the receivers. It does not know how the objects are made, and nothing of conditions.
package pipeline
