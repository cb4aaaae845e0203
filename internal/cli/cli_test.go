package cli

import (
	"bytes"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/fluxmonitoring/operator/test/rig"
)

const minimal = "../../config/samples/fluxmonitoring_minimal.yaml"

var must = rig.Must

// ran is the output of a command, and its exit code.
func ran(t *testing.T, in string, args ...string) (out, messages string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Run(t.Context(), genericiooptions.IOStreams{In: strings.NewReader(in), Out: &stdout, ErrOut: &stderr}, "v1.2.3", args)
	return stdout.String(), stderr.String(), code
}

// succeeded is the output of a command that exits with 0.
func succeeded(t *testing.T, in string, args ...string) (out, messages string) {
	t.Helper()
	out, messages, code := ran(t, in, args...)
	NewWithT(t).Expect(code).To(BeZero(), messages)
	return out, messages
}

func TestHelpHasAnExampleOfEveryCommand(t *testing.T) {
	root := newRoot(genericiooptions.NewTestIOStreamsDiscard(), "v1.2.3")
	paths := [][]string{nil}
	for _, command := range root.Commands() {
		paths = append(paths, []string{command.Name()})
	}
	NewWithT(t).Expect(paths).To(HaveLen(8))
	for _, path := range paths {
		name := strings.Join(append([]string{"kubectl fluxmon"}, path...), " ")
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			out, messages := succeeded(t, "", append(path, "--help")...)
			g.Expect(messages).To(BeEmpty())
			g.Expect(out).To(MatchRegexp(`(?m)^Usage:\n  ` + name))
			g.Expect(out).To(MatchRegexp(`(?m)^Examples:\n  # .+\n  .*` + name))
			g.Expect(out).To(ContainSubstring("Flags:\n"))
		})
	}
}

func TestWithoutACommandThePluginPrintsItsHelp(t *testing.T) {
	g := NewWithT(t)
	help, _ := succeeded(t, "", "--help")
	out, messages := succeeded(t, "")
	g.Expect(out).To(Equal(help))
	g.Expect(messages).To(BeEmpty())
}

func TestWrongArgumentsFailAndNameTheHelp(t *testing.T) {
	for _, c := range []struct {
		args     []string
		code     int
		messages string
	}{
		{[]string{"diff", "--file", minimal}, 2, "error: unknown flag: --file\nsee \"kubectl fluxmon diff --help\"\n"},
		{[]string{"diff", minimal}, 2, "error: unexpected argument \"" + minimal + "\": name a file by --filename\nsee \"kubectl fluxmon diff --help\"\n"},
		{[]string{"diff"}, 2, "error: name a file with a FluxMonitoring by --filename, or - for standard input\n"},
		{[]string{"render", "--file", minimal}, 1, "error: unknown flag: --file\nsee \"kubectl fluxmon render --help\"\n"},
		{[]string{"version", "now"}, 1, "error: unexpected argument \"now\"\nsee \"kubectl fluxmon version --help\"\n"},
		{[]string{"facts", "-o", "wide"}, 1,
			"error: invalid argument \"wide\" for \"-o, --output\" flag: must be yaml or json\nsee \"kubectl fluxmon facts --help\"\n"},
		{[]string{"check", "-o", "wide"}, 2, "error: invalid argument \"wide\" for \"-o, --output\" flag: must be one of text, json, yaml, junit\n" +
			"see \"kubectl fluxmon check --help\"\n"},
		{[]string{"test-alert", "-o", "yaml"}, 2, "error: invalid argument \"yaml\" for \"-o, --output\" flag: must be text or json\n" +
			"see \"kubectl fluxmon test-alert --help\"\n"},
		{[]string{"test-alert", "a", "b"}, 2, "error: accepts at most 1 arg(s), received 2\n"},
		{[]string{"test-alert", "--address", "am:9093"}, 2, "error: --address must begin with http:// or https:// and a host\n"},
		{[]string{"test-alert", "--address", "https://sre:s3cret@am"}, 2, "error: --address must have no user: use --alertmanager-user\n"},
		{[]string{"test-alert", "--address", "http://am", "--alertmanager-user", "sre"}, 2,
			"error: --alertmanager-user needs an --address with https, because http shows the password to the network\n"},
		{[]string{"open"}, 1, "error: name what to open: grafana, prometheus, alertmanager\nsee \"kubectl fluxmon open --help\"\n"},
		{[]string{"rendr"}, 1, "error: unknown command \"rendr\" for \"kubectl fluxmon\"\n\nDid you mean this?\n\trender\n\n"},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			g := NewWithT(t)
			out, messages, code := ran(t, "", c.args...)
			g.Expect(messages).To(Equal(c.messages))
			g.Expect(code).To(Equal(c.code))
			g.Expect(out).To(BeEmpty(), "a script would read it as a result")
		})
	}
}

func TestTheVersionIsPrintedAloneOrWithThePlatform(t *testing.T) {
	g := NewWithT(t)
	out, _ := succeeded(t, "", "version")
	g.Expect(out).To(Equal("v1.2.3\n"))
	out, _ = succeeded(t, "", "version", "-o", "yaml")
	g.Expect(out).To(MatchRegexp(`^version: v1.2.3\nplatform: [a-z]+/[a-z0-9]+\ngo: go1\..+\n$`))
	out, _ = succeeded(t, "", "version", "-o", "json")
	g.Expect(out).To(MatchRegexp(`^{\n    "version": "v1.2.3",\n`))
}

func TestShellsCompleteCommandsFlagsAndTheirValues(t *testing.T) {
	t.Setenv("KUBECONFIG", written(t, `{kind: Config, contexts: [{name: staging, context: {}}, {name: production, context: {}}]}`))
	for _, c := range []struct {
		line      []string
		completed string
	}{
		{[]string{""}, "diff\tShow what"},
		{[]string{"render", "--fa"}, "--facts\t"},
		{[]string{"render", "-o", ""}, "json\nyaml\n:4\n"},
		{[]string{"render", "-f", ""}, "yaml\nyml\njson\n:8\n"},
		{[]string{"test-alert", "--severity", ""}, "critical\nwarning\ninfo\n:4\n"},
		{[]string{"test-alert", "-o", ""}, "text\njson\n:4\n"},
		{[]string{"open", ""}, "grafana\nprometheus\nalertmanager\n:4\n"},
		{[]string{"diff", "--context", ""}, "production\nstaging\n:4\n"},
	} {
		t.Run(strings.Join(c.line, " "), func(t *testing.T) {
			out, _ := succeeded(t, "", append([]string{"__complete"}, c.line...)...)
			NewWithT(t).Expect(out).To(ContainSubstring(c.completed))
		})
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		t.Run(shell, func(t *testing.T) {
			out, _ := succeeded(t, "", "completion", shell)
			NewWithT(t).Expect(out).To(ContainSubstring("kubectl-fluxmon"))
		})
	}
}
