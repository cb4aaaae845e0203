// Package crd holds the definition of the FluxMonitoring resource as it is installed. It knows its text, and nothing of what it says.
package crd

import _ "embed"

// FluxMonitorings is the CustomResourceDefinition, as YAML.
//
//go:embed fluxmonitoring.dev_fluxmonitorings.yaml
var FluxMonitorings []byte
