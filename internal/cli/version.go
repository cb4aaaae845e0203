package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

const versionExample = `  # Print the version alone
  kubectl fluxmon version

  # Print the version, the platform and the version of Go
  kubectl fluxmon version -o yaml`

// build is what version prints about the binary.
type build struct {
	Version  string `json:"version"`
	Platform string `json:"platform"`
	Go       string `json:"go"`
}

func newVersion(streams genericiooptions.IOStreams, version string) *cobra.Command {
	var output format
	command := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of this plugin",
		Long:    "Print the version of this plugin. Use the version of the operator that you run: another may desire other objects.",
		Example: versionExample,
		RunE: func(*cobra.Command, []string) error {
			if output == "" {
				_, err := fmt.Fprintln(streams.Out, version)
				return err
			}
			text, err := output.encode(build{Version: version, Platform: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()})
			if err != nil {
				return err
			}
			_, err = streams.Out.Write(text)
			return err
		},
	}
	addFormat(command, &output)
	return command
}
