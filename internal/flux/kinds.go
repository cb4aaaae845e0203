package flux

import (
	"slices"
	"strings"
)

// Component names, as Flux's own manifests have them.
const (
	SourceController          = "source-controller"
	KustomizeController       = "kustomize-controller"
	HelmController            = "helm-controller"
	NotificationController    = "notification-controller"
	ImageReflectorController  = "image-reflector-controller"
	ImageAutomationController = "image-automation-controller"
	SourceWatcher             = "source-watcher"
	// FluxOperator installs and upgrades Flux. It is a project of its own.
	FluxOperator = "flux-operator"
	// MonitoringOperator is this operator.
	MonitoringOperator = "fluxmonitoring-operator"
)

// Role says what a kind is for.
type Role string

// The roles of kinds.
const (
	// RoleReconciler kinds apply something to a cluster.
	RoleReconciler Role = "reconciler"
	// RoleSource kinds fetch what is applied.
	RoleSource Role = "source"
	// RoleNotification kinds notify others or are notified by them.
	RoleNotification Role = "notification"
	// RoleImage kinds watch registries and write image tags back to Git.
	RoleImage Role = "image"
	// RoleMonitoring kinds make Flux observable.
	RoleMonitoring Role = "monitoring"
)

// Kind is a custom resource of Flux, of flux-operator, or of this operator.
type Kind struct {
	// Name as in the object's `kind`.
	Name string
	// Group of its API. Which versions of it are served differs between Flux releases and is for the cluster to say.
	Group string
	// Plural is the resource's name in the API's paths.
	Plural string
	// Component that serves it.
	Component string
	// Role of the kind.
	Role Role
	// Static kinds are read by others and never reconciled, so they are always ready.
	Static bool
	// StaticType is the value of spec.type with which an object of the kind is static, such as oci of a
	// HelmRepository.
	StaticType string
	// Failures leads to the number of failed attempts since the last success; nil if the kind does not count them.
	Failures []string
	// SuspendAnnotation suspends an object while its value is disabled, in any case; empty if only spec.suspend does.
	SuspendAnnotation string
	// Since is the first Flux minor version with the kind, such as 2.7. Empty means all of Flux 2.
	Since string
	// State has the labels of StateInfo beyond those that every kind has.
	State []StateLabel
	// Timings are the paths of the kind's timings.
	Timings TimingFields
}

// StateLabel is a label of gotk_resource_info and where in an object its value is.
type StateLabel struct {
	// Name of the label, as in the dashboards that people have.
	Name string
	// Paths lead to the value; the first that leads to one counts. An element is a key of a JSON object, or 0 for the first
	// item of a list.
	Paths [][]string
	// Address marks a URL or a host, which can contain credentials that must not be exported.
	Address bool
}

func splitPath(path string) []string { return strings.Split(path, ".") }

func label(name string, paths ...string) StateLabel {
	l := StateLabel{Name: name}
	for _, p := range paths {
		l.Paths = append(l.Paths, splitPath(p))
	}
	return l
}

func address(name, path string) StateLabel {
	return StateLabel{Name: name, Paths: [][]string{splitPath(path)}, Address: true}
}

// ShardKey is the label by which Flux's controllers, and their objects, are divided into shards.
const ShardKey = "sharding.fluxcd.io/key"

// Names of the labels with an object's source. A source without a namespace is in the object's own.
const (
	LabelSourceKind      = "source_kind"
	LabelSourceName      = "source_name"
	LabelSourceNamespace = "source_namespace"
)

// source are the labels of a reference to a source, at any of these paths.
func source(refs ...string) []StateLabel {
	kind, name, namespace := StateLabel{Name: LabelSourceKind}, StateLabel{Name: LabelSourceName}, StateLabel{Name: LabelSourceNamespace}
	for _, ref := range refs {
		kind.Paths = append(kind.Paths, splitPath(ref+".kind"))
		name.Paths = append(name.Paths, splitPath(ref+".name"))
		namespace.Paths = append(namespace.Paths, splitPath(ref+".namespace"))
	}
	return []StateLabel{kind, name, namespace}
}

// The groups of Flux's APIs.
const (
	GroupKustomize        = "kustomize.toolkit.fluxcd.io"
	GroupHelm             = "helm.toolkit.fluxcd.io"
	GroupSource           = "source.toolkit.fluxcd.io"
	GroupSourceExtensions = "source.extensions.fluxcd.io"
	GroupNotification     = "notification.toolkit.fluxcd.io"
	GroupImage            = "image.toolkit.fluxcd.io"
	GroupFluxOperator     = "fluxcd.controlplane.io"
)

// KindAlert is the kind that says of which events notification-controller notifies.
const KindAlert = "Alert"

// GroupMonitoring is the group of the operator's own API.
const GroupMonitoring = "fluxmonitoring.dev"

// fluxOperatorReconcile is the annotation by which flux-operator's objects are suspended.
const fluxOperatorReconcile = GroupFluxOperator + "/reconcile"

var artifactRevision = label("revision", "status.artifact.revision")

// kinds is what the API modules of Flux and flux-operator define, and the operator's own. The labels are those of
// fluxcd/flux2-monitoring-example's configuration of kube-state-metrics, and for what that has not, of the same form. A
// Receiver's webhook path is a secret and not among them.
var kinds = []Kind{
	{Name: "Kustomization", Group: GroupKustomize, Plural: "kustomizations", Component: KustomizeController, Role: RoleReconciler,
		State:   append(source("spec.sourceRef"), label("revision", "status.lastAppliedRevision")),
		Timings: timingsKustomization},
	{Name: "HelmRelease", Group: GroupHelm, Plural: "helmreleases", Component: HelmController, Role: RoleReconciler,
		State: append(source("spec.chart.spec.sourceRef", "spec.chartRef"),
			label("revision", "status.history.0.chartVersion"),
			label("chart_name", "status.history.0.chartName"),
			label("chart_app_version", "status.history.0.appVersion"),
			label("chart_ref_name", "spec.chartRef.name"),
			label("chart_source_name", "spec.chart.spec.sourceRef.name")),
		Timings: timingsHelmRelease, Failures: splitPath("status.failures")},
	{Name: "GitRepository", Group: GroupSource, Plural: "gitrepositories", Component: SourceController, Role: RoleSource,
		State:   []StateLabel{artifactRevision, address("url", "spec.url")},
		Timings: timingsFetched},
	{Name: "OCIRepository", Group: GroupSource, Plural: "ocirepositories", Component: SourceController, Role: RoleSource,
		State:   []StateLabel{artifactRevision, address("url", "spec.url")},
		Timings: timingsFetched},
	{Name: "HelmRepository", Group: GroupSource, Plural: "helmrepositories", Component: SourceController, Role: RoleSource,
		StaticType: "oci",
		State:      []StateLabel{artifactRevision, address("url", "spec.url")},
		Timings:    timingsFetched},
	{Name: "HelmChart", Group: GroupSource, Plural: "helmcharts", Component: SourceController, Role: RoleSource,
		State: append(source("spec.sourceRef"), artifactRevision,
			label("chart_name", "spec.chart"), label("chart_version", "spec.version")),
		Timings: timingsScheduled},
	{Name: "Bucket", Group: GroupSource, Plural: "buckets", Component: SourceController, Role: RoleSource,
		State:   []StateLabel{artifactRevision, address("endpoint", "spec.endpoint"), label("bucket_name", "spec.bucketName")},
		Timings: timingsFetched},
	{Name: "ExternalArtifact", Group: GroupSource, Plural: "externalartifacts", Component: SourceController, Role: RoleSource,
		Static: true, Since: "2.7",
		State: append(source("spec.sourceRef"), artifactRevision)},
	{Name: "ArtifactGenerator", Group: GroupSourceExtensions, Plural: "artifactgenerators", Component: SourceWatcher, Role: RoleSource,
		Since: "2.7",
		State: source("spec.sources.0")},
	{Name: "Receiver", Group: GroupNotification, Plural: "receivers", Component: NotificationController, Role: RoleNotification,
		Timings: timingsScheduled},
	{Name: KindAlert, Group: GroupNotification, Plural: "alerts", Component: NotificationController, Role: RoleNotification, Static: true},
	{Name: "Provider", Group: GroupNotification, Plural: "providers", Component: NotificationController, Role: RoleNotification, Static: true},
	{Name: "ImageRepository", Group: GroupImage, Plural: "imagerepositories", Component: ImageReflectorController, Role: RoleImage,
		State:   []StateLabel{address("image", "spec.image")},
		Timings: timingsFetched},
	{Name: "ImagePolicy", Group: GroupImage, Plural: "imagepolicies", Component: ImageReflectorController, Role: RoleImage,
		State: []StateLabel{label(LabelSourceName, "spec.imageRepositoryRef.name"),
			label(LabelSourceNamespace, "spec.imageRepositoryRef.namespace")},
		Timings: timingsScheduled},
	{Name: "ImageUpdateAutomation", Group: GroupImage, Plural: "imageupdateautomations", Component: ImageAutomationController, Role: RoleImage,
		State:   source("spec.sourceRef"),
		Timings: timingsScheduled},
	{Name: "FluxInstance", Group: GroupFluxOperator, Plural: "fluxinstances", Component: FluxOperator, Role: RoleReconciler,
		SuspendAnnotation: fluxOperatorReconcile,
		State:             []StateLabel{label("revision", "status.lastAppliedRevision")}},
	{Name: "ResourceSet", Group: GroupFluxOperator, Plural: "resourcesets", Component: FluxOperator, Role: RoleReconciler,
		SuspendAnnotation: fluxOperatorReconcile,
		State:             []StateLabel{label("revision", "status.lastAppliedRevision")}},
	{Name: "ResourceSetInputProvider", Group: GroupFluxOperator, Plural: "resourcesetinputproviders", Component: FluxOperator, Role: RoleSource,
		SuspendAnnotation: fluxOperatorReconcile,
		State:             []StateLabel{address("url", "spec.url")}},
	{Name: "FluxMonitoring", Group: GroupMonitoring, Plural: "fluxmonitorings", Component: MonitoringOperator, Role: RoleMonitoring},
}

// Components returns the names of every controller Flux has, sorted. flux-operator and the operator at hand are none of
// them.
func Components() []string {
	names := make([]string, 0, len(kinds))
	for _, k := range kinds {
		if k.IsFluxs() {
			names = append(names, k.Component)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Kinds returns every kind there is: those of Flux, reconcilers first, then those of flux-operator and the operator's own.
func Kinds() []Kind {
	return slices.Clone(kinds)
}

// IsFluxs reports whether the kind is one of Flux itself, not of flux-operator or this operator.
func (k Kind) IsFluxs() bool { return k.Component != FluxOperator && k.Component != MonitoringOperator }

// Reconciles reports whether an observed controller reconciles this kind.
func (i Installation) Reconciles(kind string) bool {
	return slices.ContainsFunc(kinds, func(k Kind) bool {
		return k.Name == kind && !k.Static && slices.ContainsFunc(i.Controllers, func(c Controller) bool {
			return c.Component == k.Component && i.canBe(c, k.Since, "")
		})
	})
}

// ControllerOf returns the value of the label controller on the series about a kind's controller.
func ControllerOf(kind string) string {
	return strings.ToLower(kind)
}
