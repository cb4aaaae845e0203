package main

import (
	"encoding/base64"
	"encoding/xml"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// What the validators of OLM let pass: hack/bundlecheck runs them, and shows what they find.

func TestNothingIsRequiredOfOtherOperators(t *testing.T) {
	g := NewWithT(t)
	g.Expect(committed().CSV.Spec.Definitions.Required).To(BeEmpty(), "others than OLM may have installed prometheus-operator or Flux")
	for _, file := range []string{"dependencies.yaml", "properties.yaml"} {
		g.Expect(root+"/bundle/metadata/"+file).NotTo(BeAnExistingFile(), "not every catalog has what it requires")
	}
}

func TestTheOperatorWatchesAllNamespacesAndNothingElse(t *testing.T) {
	NewWithT(t).Expect(committed().CSV.Spec.InstallModes).To(ConsistOf(
		InstallMode{"OwnNamespace", false}, InstallMode{"SingleNamespace", false}, InstallMode{"MultiNamespace", false},
		InstallMode{"AllNamespaces", true},
	), "OLM v1 installs by itself what watches all namespaces")
}

func TestNameAndImageAreOfTheVersion(t *testing.T) {
	g := NewWithT(t)
	csv := committed().CSV
	g.Expect(csv.Metadata.Name).To(Equal(Package + ".v" + csv.Spec.Version))
	g.Expect(csv.Spec.RelatedImages).To(Equal([]RelatedImage{{Name: "operator", Image: csv.Metadata.Annotations["containerImage"]}}))
	g.Expect(csv.Spec.RelatedImages[0].Image).To(Or(HaveSuffix(":v"+csv.Spec.Version), ContainSubstring("@sha256:")))
}

func TestEveryFeatureHasAnAnnotation(t *testing.T) {
	g := NewWithT(t)
	csv := committed().CSV
	for _, feature := range []string{
		"cnf", "cni", "csi", "disconnected", "fips-compliant", "proxy-aware", "tls-profiles", "token-auth-aws", "token-auth-azure", "token-auth-gcp",
	} {
		g.Expect(csv.Metadata.Annotations).To(HaveKeyWithValue("features.operators.openshift.io/"+feature, BeElementOf("true", "false")))
	}
	if csv.Metadata.Annotations["features.operators.openshift.io/disconnected"] == "true" {
		g.Expect(csv.Spec.RelatedImages).To(HaveEach(HaveField("Image", ContainSubstring("@sha256:"))), "a mirror finds images by digest alone")
	}
}

func TestCatalogsShowADescription(t *testing.T) {
	g := NewWithT(t)
	csv := committed().CSV
	g.Expect(len(csv.Spec.DisplayName)).To(And(BeNumerically(">=", 3), BeNumerically("<=", 50)))
	g.Expect(csv.Spec.Description).To(ContainSubstring("## Prerequisites"))
	g.Expect(csv.Spec.Maturity).To(BeElementOf("alpha", "beta", "stable"))
	g.Expect(csv.Spec.Keywords).NotTo(BeEmpty())
	of := csv.Metadata.Annotations
	g.Expect(of).To(HaveKeyWithValue("categories", "Monitoring"))
	g.Expect(of).To(HaveKeyWithValue("certified", "false"))
	g.Expect(of).To(HaveKeyWithValue("description", Not(BeEmpty())))
	g.Expect(of).To(HaveKeyWithValue("support", HavePrefix("https://")))
	g.Expect(of).To(HaveKeyWithValue("repository", HavePrefix("https://")))
	g.Expect(time.Parse(time.RFC3339, of["createdAt"])).NotTo(BeZero())
	for _, d := range slices.Concat(csv.Spec.Definitions.Owned[0].SpecDescriptors, csv.Spec.Definitions.Owned[0].StatusDescriptors) {
		g.Expect(d.Description).NotTo(BeEmpty(), d.Path)
	}
}

func TestTheIconIsASquareAndThatOfTheCatalog(t *testing.T) {
	g := NewWithT(t)
	icon := committed().CSV.Spec.Icon
	g.Expect(icon).To(Equal([]Icon{catalog(t).Package.Icon}))
	content, err := base64.StdEncoding.DecodeString(icon[0].Data)
	must(t, err)
	var picture struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		Width   int      `xml:"width,attr"`
		Height  int      `xml:"height,attr"`
	}
	must(t, xml.Unmarshal(content, &picture))
	g.Expect(picture.Width).To(And(BeNumerically(">", 0), Equal(picture.Height)))
}

func TestThePodRunsOnTheLabelledArchitectures(t *testing.T) {
	g := NewWithT(t)
	csv := committed().CSV
	pod := csv.Spec.Install.Spec.Deployments[0].Spec.Template.Spec
	var promised []string
	for label, value := range csv.Metadata.Labels {
		if arch, is := strings.CutPrefix(label, "operatorframework.io/arch."); is {
			g.Expect(value).To(Equal("supported"))
			promised = append(promised, arch)
		}
	}
	terms := pod.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
	g.Expect(terms).To(HaveLen(1))
	g.Expect(terms[0].MatchExpressions).To(HaveLen(1))
	g.Expect(terms[0].MatchExpressions[0].Key).To(Equal(corev1.LabelArchStable))
	g.Expect(terms[0].MatchExpressions[0].Values).To(ConsistOf(promised))
}

func TestTheContainerIsProbedAndWritesNoFiles(t *testing.T) {
	g := NewWithT(t)
	for _, c := range committed().CSV.Spec.Install.Spec.Deployments[0].Spec.Template.Spec.Containers {
		g.Expect(c.LivenessProbe).NotTo(BeNil())
		g.Expect(c.ReadinessProbe).NotTo(BeNil())
		g.Expect(c.SecurityContext.ReadOnlyRootFilesystem).To(HaveValue(BeTrue()))
	}
}

func TestNoPermissionIsAWildcardOrSpreads(t *testing.T) {
	g := NewWithT(t)
	install := committed().CSV.Spec.Install.Spec
	for _, p := range slices.Concat(install.Permissions, install.ClusterPermissions) {
		for _, rule := range p.Rules {
			g.Expect(slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs)).NotTo(ContainElement(BeElementOf("*", "secrets", "escalate", "bind")))
		}
	}
}

func TestTheScorecardRunsAllTests(t *testing.T) {
	var config struct {
		Stages []struct {
			Tests []struct {
				Entrypoint []string `json:"entrypoint"`
			} `json:"tests"`
		} `json:"stages"`
	}
	must(t, yaml.Unmarshal([]byte(read(t, root+"/bundle/tests/scorecard/config.yaml")), &config))
	var run []string
	for _, test := range config.Stages[0].Tests {
		run = append(run, strings.Join(test.Entrypoint[1:], " "))
	}
	NewWithT(t).Expect(run).To(ConsistOf("basic-check-spec", "olm-bundle-validation", "olm-crds-have-resources", "olm-crds-have-validation",
		"olm-spec-descriptors", "olm-status-descriptors"))
}

func TestOpenShiftIsTheFirstWithTheKubernetes(t *testing.T) {
	NewWithT(t).Expect(openShiftWith("1.29.0")).To(Equal("v4.16"))
	NewWithT(t).Expect(openShiftWith("1.31.2")).To(Equal("v4.18"))
}

func TestTheCatalogIsWhole(t *testing.T) {
	NewWithT(t).Expect(catalog(t).complaints()).To(BeEmpty())
}

// catalog is that of the repository.
func catalog(t *testing.T) *Catalog {
	t.Helper()
	template, err := os.ReadFile(root + "/" + Template)
	must(t, err)
	c, err := ReadCatalog(template)
	must(t, err)
	return c
}
