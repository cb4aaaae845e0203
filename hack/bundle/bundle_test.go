package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// root of the repository, from this folder.
const root = "../.."

func TestTheBundleIsCurrent(t *testing.T) {
	g := NewWithT(t)
	made, err := Build(root)
	must(t, err)
	there, err := Read(root)
	must(t, err)
	g.Expect(sortedKeys(there)).To(Equal(sortedKeys(made)), "make bundle renews it")
	for _, name := range sortedKeys(made) {
		if string(made[name]) != string(there[name]) {
			t.Errorf("%s is not current: make bundle renews it", name)
		}
	}
}

func TestTheBundleIsWrittenAndReadBackWhole(t *testing.T) {
	g := NewWithT(t)
	folder := t.TempDir()
	must(t, Files{"bundle/manifests/old.yaml": []byte("old"), "bundle.Dockerfile": []byte("old")}.Write(folder))
	files := Files{"bundle/manifests/new.yaml": []byte("new"), "bundle.Dockerfile": []byte("FROM scratch\n")}
	must(t, files.Write(folder))
	g.Expect(Read(folder)).To(Equal(files), "what is no part of it any more is gone")
}

func TestTheOperatorHasThePermissionsOfItsRoles(t *testing.T) {
	g := NewWithT(t)
	roles := map[string][]rbacv1.PolicyRule{}
	for _, file := range []string{"role.yaml", "writer_role.yaml", "notifications_role.yaml", "metrics_auth_role.yaml", "leader_election_role.yaml"} {
		var role rbacv1.ClusterRole
		first, _, _ := strings.Cut(read(t, root+"/config/rbac/"+file), "\n---")
		must(t, yaml.Unmarshal([]byte(first), &role))
		roles[file] = role.Rules
	}
	g.Expect(committed().CSV.Spec.Install.Spec.ClusterPermissions).To(Equal([]Permissions{{
		ServiceAccountName: "fluxmonitoring-operator",
		Rules:              slices.Concat(roles["role.yaml"], roles["writer_role.yaml"], roles["notifications_role.yaml"], roles["metrics_auth_role.yaml"]),
	}}))
	g.Expect(committed().CSV.Spec.Install.Spec.Permissions).To(Equal([]Permissions{{
		ServiceAccountName: "fluxmonitoring-operator",
		Rules:              roles["leader_election_role.yaml"],
	}}), "in its own namespace")
}

func TestEveryKindThatTheOperatorCreatesIsNamed(t *testing.T) {
	g := NewWithT(t)
	var created, named []string
	csv := committed().CSV
	for _, rule := range csv.Spec.Install.Spec.ClusterPermissions[0].Rules {
		if !slices.Contains(rule.Verbs, "create") || !slices.Contains(rule.Verbs, "delete") {
			continue // an event, or a question to the API server
		}
		for _, resource := range rule.Resources {
			created = append(created, strings.TrimSuffix(resource+"."+rule.APIGroups[0], "."))
		}
	}
	for _, resource := range csv.Spec.Definitions.Owned[0].Resources {
		named = append(named, resource.Name)
	}
	g.Expect(named).To(ConsistOf(created))
}

func TestTheExampleIsTheMinimalSample(t *testing.T) {
	g := NewWithT(t)
	samples, err := cluster.Decode([]byte(read(t, root+"/config/samples/fluxmonitoring_minimal.yaml")))
	must(t, err)
	g.Expect(examples(t)).To(Equal(samples))
}

func TestTheLabelsOfTheImageAreTheAnnotations(t *testing.T) {
	g := NewWithT(t)
	labels := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)^LABEL (\S+?)=(\S+)$`).FindAllStringSubmatch(read(t, root+"/bundle.Dockerfile"), -1) {
		labels[found[1]] = found[2]
	}
	g.Expect(labels).To(Equal(committed().Annotations))
}

func TestTheImageHoldsWhatTheLabelsPointTo(t *testing.T) {
	g := NewWithT(t)
	text, annotations := read(t, root+"/bundle.Dockerfile"), committed().Annotations
	for _, key := range []string{"bundle.manifests.v1", "bundle.metadata.v1", "test.config.v1"} {
		folder := annotations[keys+key]
		g.Expect(text).To(ContainSubstring("COPY bundle/%s /%s\n", strings.TrimSuffix(folder, "/"), folder))
		g.Expect(root + "/bundle/" + folder).To(BeADirectory())
	}
	g.Expect(read(t, root+"/bundle.Dockerfile.dockerignore")).To(HaveSuffix("*\n!bundle\n"))
}

func TestObjectsThatABundleCannotHaveAreRefused(t *testing.T) {
	for sentence, c := range map[string]struct{ given, says string }{
		"a PodMonitor needs an API that may not be there": {
			"apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: operator}",
			"PodMonitor operator: has no place in a bundle: leave it out in config/manifests/kustomization.yaml",
		},
		"a NetworkPolicy is refused by a pipeline": {
			"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: operator}",
			"NetworkPolicy operator: has no place in a bundle: leave it out in config/manifests/kustomization.yaml",
		},
		"a base with a field that OLM does not know": {
			"kind: ClusterServiceVersion\nmetadata: {name: a}\nspec: {colour: red}",
			`ClusterServiceVersion a: error unmarshaling JSON: while decoding JSON: json: unknown field "colour"`,
		},
		"a bundle without a Deployment": {
			"kind: Namespace\nmetadata: {name: a}",
			"config/manifests must hold a ClusterServiceVersion, a Namespace, a scorecard Configuration and a Deployment",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			objects, err := cluster.Decode([]byte(c.given))
			must(t, err)
			_, err = sort(objects)
			NewWithT(t).Expect(err).To(MatchError(c.says))
		})
	}
}

func TestABindingOfNoRoleOrAccountIsRefused(t *testing.T) {
	role := map[roleKey][]rbacv1.PolicyRule{{"ClusterRole", "reader"}: {{Verbs: []string{"get"}}}}
	to := func(account string) []rbacv1.Subject {
		return []rbacv1.Subject{{Kind: "ServiceAccount", Name: account}}
	}
	for sentence, c := range map[string]struct {
		bound binding
		says  string
	}{
		"a role that is not there": {
			binding{true, rbacv1.RoleRef{Kind: "ClusterRole", Name: "writer"}, to("operator")}, "ClusterRole writer is bound and not there",
		},
		"an account that OLM does not create": {
			binding{true, rbacv1.RoleRef{Kind: "ClusterRole", Name: "reader"}, to("other")}, "ClusterRole reader is bound to nobody that OLM creates",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, _, err := (&sources{accounts: []string{"operator"}, roles: role, bindings: []binding{c.bound}}).permissions()
			NewWithT(t).Expect(err).To(MatchError(c.says))
		})
	}
}

func TestAClusterRoleBoundInANamespaceHoldsThereAlone(t *testing.T) {
	g := NewWithT(t)
	reading := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}}}
	own, everywhere, err := (&sources{
		accounts: []string{"operator"},
		roles:    map[roleKey][]rbacv1.PolicyRule{{"ClusterRole", "reader"}: reading},
		bindings: []binding{{false, rbacv1.RoleRef{Kind: "ClusterRole", Name: "reader"}, []rbacv1.Subject{{Kind: "ServiceAccount", Name: "operator"}}}},
	}).permissions()
	must(t, err)
	g.Expect(own).To(Equal([]Permissions{{ServiceAccountName: "operator", Rules: reading}}))
	g.Expect(everywhere).To(BeEmpty())
}

// Bundle is a bundle as OLM reads it.
type Bundle struct {
	CSV         *ClusterServiceVersion
	Objects     []*unstructured.Unstructured // beside it, in manifests/
	Annotations map[string]string
}

// accounts are the ServiceAccounts that OLM creates.
func (b *Bundle) accounts() []string {
	var all []string
	for _, p := range slices.Concat(b.CSV.Spec.Install.Spec.Permissions, b.CSV.Spec.Install.Spec.ClusterPermissions) {
		all = append(all, p.ServiceAccountName)
	}
	return all
}

// committed is the bundle of the repository. It is read once: nobody may change it.
var committed = sync.OnceValue(func() *Bundle {
	files, err := Read(root)
	if err != nil {
		panic(err)
	}
	b := &Bundle{}
	for _, name := range sortedKeys(files) {
		if err := b.load(name, files[name]); err != nil {
			panic(name + ": " + err.Error())
		}
	}
	return b
})

func (b *Bundle) load(name string, content []byte) error {
	switch {
	case strings.HasSuffix(name, ".clusterserviceversion.yaml"):
		return yaml.UnmarshalStrict(content, &b.CSV)
	case path.Dir(name) == "bundle/manifests":
		o := &unstructured.Unstructured{}
		b.Objects = append(b.Objects, o)
		return yaml.Unmarshal(content, &o.Object)
	case name == "bundle/metadata/annotations.yaml":
		return yaml.Unmarshal(content, &struct {
			Annotations *map[string]string `json:"annotations"`
		}{&b.Annotations})
	}
	return nil
}

// Read reads the files of the bundle under root.
func Read(root string) (Files, error) {
	files := Files{}
	err := fs.WalkDir(os.DirFS(root), "bundle", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(filepath.Join(root, path))
		return err
	})
	if err != nil {
		return nil, err
	}
	files["bundle.Dockerfile"], err = os.ReadFile(filepath.Join(root, "bundle.Dockerfile"))
	return files, err
}

// examples are those that the committed bundle shows.
func examples(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	var all []map[string]any
	must(t, json.Unmarshal([]byte(committed().CSV.Metadata.Annotations["alm-examples"]), &all))
	var objects []*unstructured.Unstructured
	for _, o := range all {
		objects = append(objects, &unstructured.Unstructured{Object: o})
	}
	return objects
}
