package flux

import (
	"slices"
	"strings"
)

// Component names: the last path element of a controller's image.
const (
	SourceController          = "source-controller"
	KustomizeController       = "kustomize-controller"
	HelmController            = "helm-controller"
	NotificationController    = "notification-controller"
	ImageReflectorController  = "image-reflector-controller"
	ImageAutomationController = "image-automation-controller"
	SourceWatcher             = "source-watcher"
)

// Role says what a kind is for.
type Role string

// The roles of Flux's kinds.
const (
	// RoleReconciler kinds apply something to a cluster.
	RoleReconciler Role = "reconciler"
	// RoleSource kinds fetch what is applied.
	RoleSource Role = "source"
	// RoleNotification kinds speak with the world outside.
	RoleNotification Role = "notification"
	// RoleImage kinds watch registries and write image tags back to Git.
	RoleImage Role = "image"
)

// Kind is one custom resource of Flux.
type Kind struct {
	// Name as in the object's `kind`.
	Name string
	// Component that serves it.
	Component string
	// Role of the kind.
	Role Role
	// Static kinds are read by others and have no reconciliation of their own to observe.
	Static bool
	// Since is the first Flux minor version with the kind, such as 2.7. Empty means all of Flux 2.
	Since string
}

var kinds = []Kind{
	{Name: "Kustomization", Component: KustomizeController, Role: RoleReconciler},
	{Name: "HelmRelease", Component: HelmController, Role: RoleReconciler},
	{Name: "GitRepository", Component: SourceController, Role: RoleSource},
	{Name: "OCIRepository", Component: SourceController, Role: RoleSource},
	{Name: "HelmRepository", Component: SourceController, Role: RoleSource},
	{Name: "HelmChart", Component: SourceController, Role: RoleSource},
	{Name: "Bucket", Component: SourceController, Role: RoleSource},
	{Name: "ExternalArtifact", Component: SourceController, Role: RoleSource, Static: true, Since: "2.7"},
	{Name: "ArtifactGenerator", Component: SourceWatcher, Role: RoleSource, Since: "2.7"},
	{Name: "Receiver", Component: NotificationController, Role: RoleNotification},
	{Name: "Alert", Component: NotificationController, Role: RoleNotification, Static: true},
	{Name: "Provider", Component: NotificationController, Role: RoleNotification, Static: true},
	{Name: "ImageRepository", Component: ImageReflectorController, Role: RoleImage},
	{Name: "ImagePolicy", Component: ImageReflectorController, Role: RoleImage},
	{Name: "ImageUpdateAutomation", Component: ImageAutomationController, Role: RoleImage},
}

// Components returns the names of every controller Flux has, sorted.
func Components() []string {
	names := make([]string, 0, len(kinds))
	for _, k := range kinds {
		names = append(names, k.Component)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Kinds returns every kind of Flux, reconcilers first.
func Kinds() []Kind {
	return slices.Clone(kinds)
}

// KindsOf returns the kinds of this role that the installed controllers reconcile, in the order of Kinds. Static kinds
// are left out.
func (i Installation) KindsOf(role Role) []string {
	var names []string
	for _, k := range kinds {
		if k.Role == role && !k.Static && i.runs(k.Component, k.Since, "") {
			names = append(names, k.Name)
		}
	}
	return names
}

// Reconciles reports whether an installed controller reconciles this kind.
func (i Installation) Reconciles(kind string) bool {
	for _, k := range kinds {
		if k.Name == kind {
			return !k.Static && i.runs(k.Component, k.Since, "")
		}
	}
	return false
}

// ControllerOf returns the value of the label controller on the series about a kind's controller.
func ControllerOf(kind string) string {
	return strings.ToLower(kind)
}
