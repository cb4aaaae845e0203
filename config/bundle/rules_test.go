package bundle

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/utils/ptr"

	"github.com/fluxmonitoring/operator/test/cluster"
)

func TestABrokenRuleIsTold(t *testing.T) {
	for sentence, c := range map[string]struct {
		spoil      func(*Bundle)
		complaints []string
	}{
		// What validators let pass.
		"an API of prometheus-operator is demanded": {
			func(b *Bundle) {
				b.CSV.Spec.Definitions.Required = []Definition{{Name: "podmonitors.monitoring.coreos.com"}}
			},
			[]string{"demands podmonitors.monitoring.coreos.com of an operator that OLM installs"},
		},
		"an API is demanded beside the manifests": {
			func(b *Bundle) { b.Files["bundle/metadata/dependencies.yaml"] = nil },
			[]string{"bundle/metadata/dependencies.yaml demands what is not to be had from every catalog"},
		},
		"an object of an API that may not be there": {
			object("apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: own}"),
			[]string{"PrometheusRule own has no place in a bundle"},
		},
		"a NetworkPolicy": {
			object("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: own}"),
			[]string{"NetworkPolicy own has no place in a bundle"},
		},

		// What OLM creates and takes.
		"the ServiceAccount is there": {
			object("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: fluxmonitoring-operator}"),
			[]string{"ServiceAccount fluxmonitoring-operator is OLM's to create"},
		},
		"an object is in a namespace": {
			object("apiVersion: v1\nkind: Service\nmetadata: {name: own, namespace: default}"),
			[]string{"Service own is in a namespace, which is for OLM to choose"},
		},
		"a definition is there and not described": {
			object("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: others.example.com}"),
			[]string{"definition others.example.com is there and not owned"},
		},
		"no definition is there": {
			func(b *Bundle) { b.Objects = nil }, []string{"no definition of fluxmonitorings.fluxmonitoring.dev in version v1alpha1"},
		},
		"another account": {
			func(b *Bundle) {
				b.CSV.Spec.Install.Spec.Deployments[0].Spec.Template.Spec.ServiceAccountName = "default"
			},
			[]string{"runs as default, which OLM does not create"},
		},
		"a wildcard": {
			rule(rbacv1.PolicyRule{APIGroups: []string{"*"}, Resources: []string{"pods"}, Verbs: []string{"get"}}),
			[]string{"a wildcard in [get] of [pods]"},
		},
		"definitions are written": {
			rule(rbacv1.PolicyRule{Resources: []string{"customresourcedefinitions"}, Verbs: []string{"get", "patch"}}),
			[]string{"definitions are OLM's to write: [get patch] of [customresourcedefinitions]"},
		},
		"Secrets are read": {
			rule(rbacv1.PolicyRule{Resources: []string{"secrets"}, Verbs: []string{"get"}}), []string{"too much: [get] of [secrets]"},
		},
		"a container that nobody looks after": {
			func(b *Bundle) {
				c := &b.CSV.Spec.Install.Spec.Deployments[0].Spec.Template.Spec.Containers[0]
				c.Resources.Requests, c.LivenessProbe, c.SecurityContext.ReadOnlyRootFilesystem = nil, nil, ptr.To(false)
			},
			[]string{
				"container operator requests no cpu", "container operator requests no memory", "container operator is not probed",
				"container operator is not confined",
			},
		},
		"a pod that may be root": {
			func(b *Bundle) {
				b.CSV.Spec.Install.Spec.Deployments[0].Spec.Template.Spec.SecurityContext.RunAsNonRoot = nil
			},
			[]string{"the pod is not confined"},
		},
		"an architecture is promised and not run on": {
			func(b *Bundle) { b.CSV.Metadata.Labels["operatorframework.io/arch.s390x"] = "supported" },
			[]string{"promises s390x, where the pod is not put"},
		},
		"an architecture is run on and not promised": {
			func(b *Bundle) { delete(b.CSV.Metadata.Labels, "operatorframework.io/arch.arm64") },
			[]string{"may be put on arm64, which is not promised"},
		},
		"another namespace than all": {
			func(b *Bundle) { b.CSV.Spec.InstallModes[0].Supported = true },
			[]string{"install modes must be AllNamespaces alone, with the others denied: " +
				"map[AllNamespaces:true MultiNamespace:false OwnNamespace:true SingleNamespace:false]"},
		},
		"more than fits": {
			func(b *Bundle) { b.Files["bundle/manifests/large.yaml"] = noise(2 * maxSize) },
			[]string{"the manifests are larger than 1 MiB, compressed"},
		},

		// What catalogs show.
		"a field without a descriptor, and one that is no field": {
			func(b *Bundle) { b.CSV.Spec.Definitions.Owned[0].StatusDescriptors[0].Path = "phase" },
			[]string{"descriptor of status.phase, which is no field", "status.conditions has no descriptor"},
		},
		"a descriptor that says nothing": {
			func(b *Bundle) { b.CSV.Spec.Definitions.Owned[0].SpecDescriptors[0].Description = "" },
			[]string{"descriptor of spec.adoptionPolicy says nothing"},
		},
		"a definition that says nothing": {
			func(b *Bundle) { b.CSV.Spec.Definitions.Owned[0].Resources = nil },
			[]string{"FluxMonitoring must have a displayName, a description and resources"},
		},
		"no example": {
			annotation("alm-examples", "[]"),
			[]string{"no example of FluxMonitoring v1alpha1", "operatorframework.io/initialization-resource is not the first example"},
		},
		"no icon": {
			func(b *Bundle) { b.CSV.Spec.Icon = nil }, []string{"has 0 icons, not one", "the icon in the catalog is another"},
		},
		"an icon that is not square": {
			func(b *Bundle) {
				b.CSV.Spec.Icon[0].Data = base64.StdEncoding.EncodeToString([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"/>`))
			},
			[]string{"the icon is no square SVG: 2 by 1, <nil>", "the icon in the catalog is another"},
		},
		"a level that there is not":     {annotation("capabilities", "Enterprise"), []string{`capabilities is "Enterprise", and none of Basic Install, Seamless Upgrades, Full Lifecycle, Deep Insights, Auto Pilot`}},
		"a category that there is not":  {annotation("categories", "Observability"), []string{`categories is "Observability", and none of Monitoring`}},
		"a time that is none":           {annotation("createdAt", "today"), []string{`createdAt: parsing time "today" as "2006-01-02T15:04:05Z07:00": cannot parse "today" as "2006"`}},
		"a repository that is no page":  {annotation("repository", "operator"), []string{`repository: "operator" is no https address`}},
		"a feature that is not decided": {annotation(featuresPrefix+"tls-profiles", ""), []string{`feature tls-profiles is "", neither true nor false`}},
		"a mirror that finds no image":  {annotation(featuresPrefix+"disconnected", "true"), []string{"feature disconnected is claimed, and images are named by tags"}},
		"no prerequisites":              {func(b *Bundle) { b.CSV.Spec.Description = "Makes Flux observable, somehow." }, []string{"description must name the prerequisites"}},
		"a name that is too short":      {func(b *Bundle) { b.CSV.Spec.DisplayName = "FM" }, []string{"displayName must have 3 to 50 characters"}},
		"a maintainer out of reach": {
			func(b *Bundle) { b.CSV.Spec.Maintainers[0].Email = "nobody" },
			[]string{`maintainer "The FluxMonitoring authors" has no name or no valid address: "nobody"`},
		},

		// One version, said in one way.
		"another name": {
			func(b *Bundle) { b.CSV.Spec.Version = "0.1.0-rc.1" },
			[]string{
				"is named fluxmonitoring-operator.v0.1.0, not fluxmonitoring-operator.v0.1.0-rc.1",
				"ghcr.io/fluxmonitoring/operator:v0.1.0 is not of version 0.1.0-rc.1",
			},
		},
		"another image": {
			func(b *Bundle) {
				b.CSV.Spec.Install.Spec.Deployments[0].Spec.Template.Spec.Containers[0].Image = "a:v1"
			},
			[]string{"related images are [{operator ghcr.io/fluxmonitoring/operator:v0.1.0}], not [{operator a:v1}]"},
		},
		"a Kubernetes of another form": {
			func(b *Bundle) { b.CSV.Spec.MinKubeVersion = "v1.29.0" }, []string{`minKubeVersion "v1.29.0" is not of the form 1.2.3`},
		},
		"another OpenShift than the Kubernetes is in": {
			func(b *Bundle) { b.CSV.Spec.MinKubeVersion = "1.30.0" },
			[]string{`annotation com.redhat.openshift.versions is "v4.16", not "v4.17"`},
		},
		"a range is skipped, and the versions before forgotten": {
			annotation("olm.skipRange", "<0.1.0"), []string{"olm.skipRange is there without replaces"},
		},
		"another version is replaced than the catalog says": {
			func(b *Bundle) { b.CSV.Spec.Replaces = Package + ".v0.0.9" },
			[]string{`replaces "fluxmonitoring-operator.v0.0.9", and the catalog says ""`},
		},
		"a channel that is named otherwise": {
			func(b *Bundle) {
				b.Catalog.Channels[0].Name, b.Annotations[channelsKey] = "alpha", "alpha,stable"
			},
			[]string{"channel alpha is named neither candidate, fast nor stable"},
		},
		"a version in no channel": {
			func(b *Bundle) { b.Catalog = catalogOf("2"); b.Catalog.Package.Icon = b.CSV.Spec.Icon[0] },
			[]string{"catalog/template.yaml has no channel with fluxmonitoring-operator.v0.1.0"},
		},
		"a scorecard that leaves something out": {
			func(b *Bundle) { b.Scorecard.Stages[0].Tests = b.Scorecard.Stages[0].Tests[:1] },
			[]string{"the scorecard runs [basic-check-spec], not [basic-check-spec olm-bundle-validation olm-crds-have-resources " +
				"olm-crds-have-validation olm-spec-descriptors olm-status-descriptors]"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			b := committed(t)
			c.spoil(b)
			NewWithT(t).Expect(b.Complaints()).To(Equal(c.complaints))
		})
	}
}

func TestABundleByDigestMayBeMirrored(t *testing.T) {
	b := committed(t)
	image := "ghcr.io/fluxmonitoring/operator@sha256:0123456789abcdef"
	b.CSV.Spec.Install.Spec.Deployments[0].Spec.Template.Spec.Containers[0].Image = image
	b.CSV.Spec.RelatedImages[0].Image = image
	b.CSV.Metadata.Annotations["containerImage"] = image
	b.CSV.Metadata.Annotations[featuresPrefix+"disconnected"] = "true"
	NewWithT(t).Expect(b.Complaints()).To(BeEmpty())
}

// object adds one to the manifests.
func object(text string) func(*Bundle) {
	return func(b *Bundle) {
		objects, err := cluster.Decode([]byte(text))
		if err != nil {
			panic(err)
		}
		b.Objects = append(b.Objects, objects...)
	}
}

// rule adds one to the permissions.
func rule(r rbacv1.PolicyRule) func(*Bundle) {
	return func(b *Bundle) {
		all := b.CSV.Spec.Install.Spec.ClusterPermissions
		all[0].Rules = append(all[0].Rules, r)
	}
}

// annotation changes one of the ClusterServiceVersion.
func annotation(name, value string) func(*Bundle) {
	return func(b *Bundle) { b.CSV.Metadata.Annotations[name] = value }
}

// noise does not get smaller by compression, and is always the same.
func noise(size int) []byte {
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	return content
}
