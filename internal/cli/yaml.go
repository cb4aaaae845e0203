package cli

import (
	"encoding/json"

	"go.yaml.in/yaml/v2"
)

// encode writes a value as YAML whose keys are sorted as those of JSON are, so that the same value gives the same bytes. The order that
// sigs.k8s.io/yaml chooses is none for some keys with digits, and changes from call to call.
func encode(value any) ([]byte, error) {
	content, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var ordered yaml.MapSlice
	if err := yaml.Unmarshal(content, &ordered); err != nil {
		return nil, err
	}
	return yaml.Marshal(ordered)
}
