// Package bundlecheck_test runs the validators of the Operator Lifecycle Manager over bundle/, as `operator-sdk bundle validate` does. It is a
// module of its own, so that their dependencies are not those of the operator.
package bundlecheck_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/validation"
	interfaces "github.com/operator-framework/api/pkg/validation/interfaces"
)

const (
	bundle      = "../../bundle"
	csv         = "manifests/fluxmonitoring-operator.clusterserviceversion.yaml"
	annotations = "metadata/annotations.yaml"
)

// validators are those of the module but for three. CommunityOperatorValidator is deprecated. MultipleArchitecturesValidator pulls the
// images, and OperatorHubValidator is the older form of OperatorHubV2Validator.
var validators = interfaces.Validators{
	validation.ClusterServiceVersionValidator,
	validation.CustomResourceDefinitionValidator,
	validation.BundleValidator,
	validation.OperatorHubV2Validator,
	validation.StandardCapabilitiesValidator,
	validation.StandardCategoriesValidator,
	validation.ObjectValidator,
	validation.OperatorGroupValidator,
	validation.AlphaDeprecatedAPIsValidator,
	validation.GoodPracticesValidator,
}

func TestTheValidatorsAcceptTheBundle(t *testing.T) {
	for _, complaint := range complaints(t, bundle) {
		t.Error(complaint)
	}
}

// What validators find is no rule of ours any more. A later version of theirs that finds less fails here.
func TestTheValidatorsFindFaults(t *testing.T) {
	for fault, c := range map[string]struct{ file, old, new, says string }{
		"a name without the version": {csv, "\n  name: fluxmonitoring-operator.v0.1.0\n", "\n  name: fluxmonitoring-operator\n", "naming convention"},
		"no semantic version":        {csv, "\n  version: 0.1.0\n", "\n  version: one\n", "Invalid character(s) found in major number"},
		"a Kubernetes of another form": {csv, "minKubeVersion: 1.29.0", "minKubeVersion: v1.29",
			"csv.Spec.MinKubeVersion has an invalid value: v1.29"},
		"a level that there is not":    {csv, "capabilities: Basic Install", "capabilities: Enterprise", "is not a valid capabilities level"},
		"a category that there is not": {csv, "categories: Monitoring", "categories: Gadgets", "is not in the set of standard categories"},
		"a link that is no address":    {csv, "url: https://github.com/fluxmonitoring/operator/blob/main/docs/alerts.md", "url: alerts", "csv.Spec.Links url"},
		"a maintainer out of reach":    {csv, "email: maintainers@fluxmonitoring.dev", "email: nobody", "csv.Spec.Maintainers email"},
		"no provider":                  {csv, "  provider:\n    name: The FluxMonitoring authors\n", "  provider:\n", "csv.Spec.Provider.Name not specified"},
		"no icon":                      {csv, "  icon:\n", "  picture:\n", "csv.Spec.Icon not specified"},
		"an icon that is no picture":   {csv, "mediatype: image/svg+xml", "mediatype: text/plain", "does not have a valid mediatype"},
		"no example":                   {csv, "    alm-examples: |-", "    examples: |-", "example annotations not found"},
		"an example of another kind":   {csv, `"kind": "FluxMonitoring"`, `"kind": "Flux"`, "example must have a provided API"},
		"a definition that is not there": {csv, "    - description: 'FluxMonitoring makes", "    - kind: Other\n      name: others.example.com\n      version: v1\n" +
			"    - description: 'FluxMonitoring makes", "others.example.com"},
		"a container without requests": {csv, "                  requests:\n                    cpu: 10m\n                    memory: 64Mi\n", "", "unable to find the resource requests"},
		"definitions that are written": {csv, "          - customresourcedefinitions\n          verbs:\n          - get\n",
			"          - customresourcedefinitions\n          verbs:\n          - create\n", "CSV contains permissions to create CRD"},
		"no install mode":               {csv, "  - supported: true\n", "  - supported: false\n", "none of InstallModeTypes are supported"},
		"a channel that is named alpha": {annotations, "candidate,stable", "alpha,stable", "not following the recommended naming convention"},
		"a ServiceAccount that OLM makes": {"manifests/account.yaml", "", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: fluxmonitoring-operator}\n",
			"a service account with the same name was already specified in your CSV"},
		"more than a ConfigMap holds": {"manifests/large.yaml", "", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\ndata: {a: " + noise() + "}\n",
			"maximum bundle compressed"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			has := func(complaint string) bool { return strings.Contains(complaint, c.says) }
			if all := complaints(t, spoilt(t, c.file, c.old, c.new)); !slices.ContainsFunc(all, has) {
				t.Errorf("they say %q, and not %q", all, c.says)
			}
		})
	}
}

// spoilt is a copy of the bundle with one text of a file replaced, or with one file more.
func spoilt(t *testing.T, name, before, after string) string {
	t.Helper()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(bundle)))
	file := filepath.Join(folder, name)
	if before == "" {
		must(t, os.WriteFile(file, []byte(after), 0o600))
		return folder
	}
	content, err := os.ReadFile(file)
	must(t, err)
	if !strings.Contains(string(content), before) {
		t.Fatalf("%s has no %q", name, before)
	}
	must(t, os.WriteFile(file, []byte(strings.Replace(string(content), before, after, 1)), 0o600))
	return folder
}

// noise is text that compression makes little smaller, and is always the same.
func noise() string {
	content := make([]byte, 2<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	return base64.StdEncoding.EncodeToString(content)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// complaints are what the validators say of the bundle in a folder.
func complaints(t *testing.T, folder string) []string {
	t.Helper()
	b, err := manifests.GetBundleFromDir(folder)
	if err != nil {
		return []string{err.Error()}
	}
	var all []string
	for _, result := range validators.Validate(b.ObjectsToValidate()...) {
		for _, e := range slices.Concat(result.Errors, result.Warnings) {
			all = append(all, fmt.Sprintf("%s: %v", result.Name, e))
		}
	}
	return all
}
