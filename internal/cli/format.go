package cli

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v2"
)

// format is the value of the flag --output.
type format string

const (
	asYAML format = "yaml"
	asJSON format = "json"
)

func addFormat(command *cobra.Command, f *format) {
	command.Flags().VarP(f, "output", "o", "Format of the output: yaml or json.")
	complete(command, "output", cobra.FixedCompletions([]string{string(asJSON), string(asYAML)}, cobra.ShellCompDirectiveNoFileComp))
}

// String satisfies pflag.Value.
func (f *format) String() string { return string(*f) }

// Type satisfies pflag.Value.
func (f *format) Type() string { return "format" }

// Set satisfies pflag.Value.
func (f *format) Set(name string) error {
	if name != string(asYAML) && name != string(asJSON) {
		return errors.New("must be yaml or json")
	}
	*f = format(name)
	return nil
}

// encode encodes a value deterministically.
func (f *format) encode(value any) ([]byte, error) {
	if *f == asJSON {
		content, err := json.MarshalIndent(value, "", "    ") // as kubectl does
		return append(content, '\n'), err
	}
	return encodeYAML(value)
}

// encodeYAML keeps the order of JSON's keys, because sigs.k8s.io/yaml orders some keys with digits differently in
// each call.
func encodeYAML(value any) ([]byte, error) {
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
