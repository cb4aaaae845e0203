package main

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fluxmonitoring/operator/internal/flux"
)

const (
	// fluxNamespaces is how many namespaces Flux objects are spread over.
	fluxNamespaces = 100
	// round is after how many objects the kinds repeat: 12 Kustomizations, 5 HelmReleases, 3 sources.
	round = 20
)

// fields are those of a JSON object.
type fields = map[string]any

// shape is how the objects of a kind look once Flux has dealt with them.
type shape struct {
	kind, plural, group, version string
	spec, status                 func(i int) fields
}

// shapes are all there are.
func shapes() []shape {
	return []shape{
		{"Kustomization", "kustomizations", flux.GroupKustomize, "v1", kustomizationSpec, kustomizationStatus},
		{"HelmRelease", "helmreleases", flux.GroupHelm, "v2", helmReleaseSpec, helmReleaseStatus},
		{"GitRepository", "gitrepositories", flux.GroupSource, "v1", gitRepositorySpec, sourceStatus},
		{"OCIRepository", "ocirepositories", flux.GroupSource, "v1", ociRepositorySpec, sourceStatus},
		{"HelmRepository", "helmrepositories", flux.GroupSource, "v1", helmRepositorySpec, sourceStatus},
	}
}

// shapeOf is the shape of the i-th object.
func shapeOf(i int) shape {
	switch at := i % round; {
	case at < 12:
		return shapes()[0]
	case at < 17:
		return shapes()[1]
	default:
		return shapes()[at-15]
	}
}

// path of all objects of the kind in the API.
func (s shape) path() string {
	return strings.Join([]string{"/apis", s.group, s.version, s.plural}, "/")
}

func objectName(i int) string      { return fmt.Sprintf("checkout-service-%05d", i) }
func objectNamespace(i int) string { return numbered("team", i/round%fluxNamespaces) }

// failing are 5 % of the objects.
func failing(i int) bool { return i/round%20 == 7 }

// fluxObject is the i-th object as its maker creates it: without a status.
func fluxObject(i int) *unstructured.Unstructured {
	s := shapeOf(i)
	return &unstructured.Unstructured{Object: fields{
		"apiVersion": s.group + "/" + s.version,
		"kind":       s.kind,
		"metadata": fields{
			"namespace":   objectNamespace(i),
			"name":        objectName(i),
			"finalizers":  []any{"finalizers.fluxcd.io"},
			"annotations": fields{"reconcile.fluxcd.io/requestedAt": lately},
			"labels": fields{
				"app.kubernetes.io/part-of":             "shop",
				"kustomize.toolkit.fluxcd.io/name":      "tenants",
				"kustomize.toolkit.fluxcd.io/namespace": "flux-system",
			},
		},
		"spec": s.spec(i),
	}}
}

func kustomizationSpec(i int) fields {
	return fields{
		"interval": "10m0s", "retryInterval": "2m0s", "timeout": "5m0s", "prune": true, "wait": true, "force": false,
		"path": "./apps/" + objectName(i), "serviceAccountName": "reconciler", "targetNamespace": objectNamespace(i),
		"sourceRef":  fields{"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"},
		"dependsOn":  []any{fields{"name": "infrastructure"}},
		"decryption": fields{"provider": "sops", "secretRef": fields{"name": "sops-age"}},
		"postBuild": fields{
			"substitute":     fields{"cluster": "production-eu-1", "domain": "apps.example.com", "replicas": "3"},
			"substituteFrom": []any{fields{"kind": "ConfigMap", "name": "cluster-settings"}},
		},
	}
}

func helmReleaseSpec(i int) fields {
	resources := fields{"requests": fields{"cpu": "100m", "memory": "128Mi"}, "limits": fields{"memory": "256Mi"}}
	component := fields{
		"enabled": true, "replicaCount": int64(2), "resources": resources, "podAnnotations": fields{"prometheus.io/scrape": "true"},
		"image":           fields{"registry": "registry.example.com", "repository": "shop/" + objectName(i), "tag": "1.14.3", "pullPolicy": "IfNotPresent"},
		"securityContext": fields{"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false},
		"service":         fields{"type": "ClusterIP", "port": int64(8080)},
		"ingress":         fields{"enabled": true, "className": "nginx", "hosts": []any{objectName(i) + ".apps.example.com"}},
	}
	return fields{
		"interval": "30m0s", "timeout": "10m0s", "releaseName": objectName(i), "targetNamespace": objectNamespace(i),
		"install": fields{"crds": "Create", "remediation": fields{"retries": int64(3)}},
		"upgrade": fields{"crds": "CreateReplace", "cleanupOnFail": true, "remediation": fields{"retries": int64(3), "strategy": "rollback"}},
		"chart": fields{"spec": fields{
			"chart": "service", "version": "2.x", "interval": "1h0m0s",
			"sourceRef": fields{"kind": "HelmRepository", "name": "charts", "namespace": "flux-system"},
		}},
		"valuesFrom": []any{fields{"kind": "ConfigMap", "name": "defaults"}, fields{"kind": "Secret", "name": "credentials", "optional": true}},
		"values":     fields{"frontend": component, "backend": component},
	}
}

func gitRepositorySpec(i int) fields {
	return fields{
		"interval": "1m0s", "timeout": "60s", "url": "ssh://git@git.example.com/shop/" + objectName(i), "provider": "generic",
		"ref": fields{"branch": "main"}, "secretRef": fields{"name": "deploy-key"},
		"ignore": strings.Repeat("# keep what is deployed\n/*\n!/apps/\n!/charts/\n*.md\n", 20),
	}
}

func ociRepositorySpec(i int) fields {
	return fields{
		"interval": "5m0s", "timeout": "60s", "url": "oci://registry.example.com/manifests/" + objectName(i), "provider": "generic",
		"ref": fields{"semver": ">=1.0.0"}, "secretRef": fields{"name": "registry"},
		"layerSelector": fields{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "operation": "copy"},
		"verify":        fields{"provider": "cosign", "secretRef": fields{"name": "cosign-key"}},
		"ignore":        strings.Repeat("# keep what is deployed\n/*\n!/apps/\n!/charts/\n*.md\n", 20),
	}
}

func helmRepositorySpec(i int) fields {
	return fields{
		"interval": "1h0m0s", "timeout": "60s", "url": "https://charts.example.com/" + objectName(i), "provider": "generic",
		"secretRef": fields{"name": "charts"}, "passCredentials": false,
	}
}
