package flux

import (
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// installation is a Flux of a version with these components, one Deployment each.
func installation(version string, components ...string) Installation {
	i := Installation{Namespace: "flux-system", Version: version}
	for _, c := range components {
		i.Controllers = append(i.Controllers, Controller{Name: c, App: c, Component: c})
	}
	return i
}

func TestEveryComponentIsNamedOnce(t *testing.T) {
	NewWithT(t).Expect(Components()).To(Equal([]string{
		"helm-controller", "image-automation-controller", "image-reflector-controller", "kustomize-controller",
		"notification-controller", "source-controller", "source-watcher",
	}))
}

func TestKindsOfARoleAreThoseInstalledControllersReconcile(t *testing.T) {
	for name, c := range map[string]struct {
		flux Installation
		role Role
		want []string
	}{
		"a Flux without Helm applies only Kustomizations": {
			installation("v2.9.4", SourceController, KustomizeController), RoleReconciler, []string{"Kustomization"}},
		"static kinds are not reconciled": {installation("v2.9.4", NotificationController), RoleNotification, []string{"Receiver"}},
		"the source-watcher brings artifact generators": {installation("v2.9.4", SourceController, SourceWatcher), RoleSource,
			[]string{"GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket", "ArtifactGenerator"}},
		"no controllers reconcile nothing": {installation("v2.9.4"), RoleImage, nil},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(Exposure{Flux: c.flux}.KindsOf(c.role)).To(Equal(c.want))
		})
	}
}

func TestAKindIsReconciledWhereItsControllerIsInstalled(t *testing.T) {
	g := NewWithT(t)
	flux := installation("v2.9.4", SourceController, NotificationController)
	g.Expect(flux.Reconciles("Bucket")).To(BeTrue())
	g.Expect(flux.Reconciles("HelmRelease")).To(BeFalse(), "helm-controller is not installed")
	g.Expect(flux.Reconciles("Alert")).To(BeFalse(), "Alert is static")
	g.Expect(flux.Reconciles("Deployment")).To(BeFalse(), "Deployment is not Flux's")
	g.Expect(flux.Reconciles("FluxMonitoring")).To(BeFalse(), "FluxMonitoring is the operator's own")
	g.Expect(installation("v2.6.0", SourceWatcher).Reconciles("ArtifactGenerator")).To(BeFalse(), "it came with 2.7")
}

func TestEveryKindBelongsToAComponentAndARole(t *testing.T) {
	g := NewWithT(t)
	seen := map[string]bool{}
	for _, k := range Kinds() {
		g.Expect(seen[k.Name]).To(BeFalse(), "%s twice", k.Name)
		seen[k.Name] = true
		g.Expect(append(Components(), FluxOperator, MonitoringOperator)).To(ContainElement(k.Component), k.Name)
		g.Expect(k.Group).NotTo(BeEmpty(), k.Name)
		g.Expect(k.Plural).To(HavePrefix(strings.TrimSuffix(strings.ToLower(k.Name), "y")), k.Name)
		g.Expect([]Role{RoleReconciler, RoleSource, RoleNotification, RoleImage, RoleMonitoring}).To(ContainElement(k.Role), k.Name)
	}
}

func TestAControllerIsNamedAfterItsKindInLowerCase(t *testing.T) {
	NewWithT(t).Expect(ControllerOf("OCIRepository")).To(Equal("ocirepository"))
}

func TestOnlyConfiguredSourcesHaveTheOperatorsOwnKind(t *testing.T) {
	g := NewWithT(t)
	flux := whole("v2.4.0")
	for source, has := range map[StateSource]bool{Exporter: true, KubeStateMetrics: true, OperatorReport: false, Controllers: false, "": false} {
		g.Expect(Exposure{Flux: flux, State: source}.HasStateOf("FluxMonitoring")).To(Equal(has), source)
	}
	g.Expect(flux.KindsWithoutState()).NotTo(ContainElement("FluxMonitoring"), "Flux's controllers are not expected to export it")
	g.Expect(Exposure{Flux: flux}.KindsOf(RoleMonitoring)).To(BeEmpty())
}
