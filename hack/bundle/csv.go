package main

import (
	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ClusterServiceVersion is OLM's description of one version of an operator, as far as this one has it. The Go types of OLM are in
// a module that is not needed otherwise, and are laxer: what they do not know they drop, where the base is read strictly here.
type ClusterServiceVersion struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        Metadata    `json:"metadata"`
	Spec            VersionSpec `json:"spec"`
}

// Metadata of a version. Catalogs and consoles read the annotations.
type Metadata struct {
	Name        string            `json:"name"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
}

// VersionSpec says what a version is, what it offers and how it is installed.
type VersionSpec struct {
	DisplayName    string          `json:"displayName"`
	Description    string          `json:"description"`
	Icon           []Icon          `json:"icon,omitempty"`
	Version        string          `json:"version"`
	Replaces       string          `json:"replaces,omitempty"`
	Skips          []string        `json:"skips,omitempty"`
	Maturity       string          `json:"maturity"`
	MinKubeVersion string          `json:"minKubeVersion"`
	Keywords       []string        `json:"keywords"`
	Links          []Link          `json:"links"`
	Maintainers    []Maintainer    `json:"maintainers"`
	Provider       Link            `json:"provider"`
	InstallModes   []InstallMode   `json:"installModes"`
	Definitions    Definitions     `json:"customresourcedefinitions"`
	Install        InstallStrategy `json:"install"`
	RelatedImages  []RelatedImage  `json:"relatedImages,omitempty"`
}

// Icon is a picture for catalogs.
type Icon struct {
	Data      string `json:"base64data"`
	MediaType string `json:"mediatype"`
}

// Link is a page with a name.
type Link struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// Maintainer answers for the operator.
type Maintainer struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// InstallMode says whether the operator supports one way to watch namespaces.
type InstallMode struct {
	Type      string `json:"type"`
	Supported bool   `json:"supported"`
}

// Definitions are the custom resource definitions that the bundle brings, and those that it demands from other operators of the
// catalog.
type Definitions struct {
	Owned    []Definition `json:"owned,omitempty"`
	Required []Definition `json:"required,omitempty"`
}

// Definition describes a version of a custom resource to people.
type Definition struct {
	Name              string       `json:"name"`
	Kind              string       `json:"kind"`
	Version           string       `json:"version"`
	DisplayName       string       `json:"displayName"`
	Description       string       `json:"description"`
	Resources         []Resource   `json:"resources,omitempty"`
	SpecDescriptors   []Descriptor `json:"specDescriptors,omitempty"`
	StatusDescriptors []Descriptor `json:"statusDescriptors,omitempty"`
}

// Resource is a kind of which objects are made for a custom resource.
type Resource struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Descriptor describes for a console how to show and edit a field.
type Descriptor struct {
	Path        string   `json:"path"`
	DisplayName string   `json:"displayName"`
	Description string   `json:"description"`
	Controls    []string `json:"x-descriptors,omitempty"`
}

// InstallStrategy is how OLM installs the operator: always by Deployments.
type InstallStrategy struct {
	Strategy string         `json:"strategy"`
	Spec     InstallDetails `json:"spec"`
}

// InstallDetails are what OLM creates beside the objects of the bundle. Permissions hold in the operator's own namespace,
// ClusterPermissions in all.
type InstallDetails struct {
	Permissions        []Permissions `json:"permissions,omitempty"`
	ClusterPermissions []Permissions `json:"clusterPermissions,omitempty"`
	Deployments        []Deployment  `json:"deployments"`
}

// Permissions of a ServiceAccount, which OLM creates.
type Permissions struct {
	ServiceAccountName string              `json:"serviceAccountName"`
	Rules              []rbacv1.PolicyRule `json:"rules"`
}

// Deployment that OLM creates in the operator's namespace.
type Deployment struct {
	Name  string                `json:"name"`
	Label map[string]string     `json:"label,omitempty"`
	Spec  appsv1.DeploymentSpec `json:"spec"`
}

// RelatedImage is an image that a mirror of the catalog has to hold.
type RelatedImage struct {
	Name  string `json:"name"`
	Image string `json:"image"`
}
