package bundle

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// accounts are the ServiceAccounts that OLM creates.
func (b *Bundle) accounts() []string {
	var all []string
	for _, p := range slices.Concat(b.CSV.Spec.Install.Spec.Permissions, b.CSV.Spec.Install.Spec.ClusterPermissions) {
		all = append(all, p.ServiceAccountName)
	}
	return all
}

// deployments: they run where they are promised to, confined, watched, and with an account that OLM creates.
func (b *Bundle) deployments() []string {
	var all []string
	for _, d := range b.CSV.Spec.Install.Spec.Deployments {
		pod := d.Spec.Template.Spec
		if !slices.Contains(b.accounts(), pod.ServiceAccountName) {
			all = append(all, "runs as "+pod.ServiceAccountName+", which OLM does not create")
		}
		if pod.SecurityContext == nil || !isTrue(pod.SecurityContext.RunAsNonRoot) || pod.SecurityContext.SeccompProfile == nil {
			all = append(all, "the pod is not confined")
		}
		all = append(all, b.placeComplaints(architectures(pod))...)
		for _, c := range pod.Containers {
			all = append(all, containerComplaints(c)...)
		}
	}
	return all
}

// placeComplaints are about architectures on which pods are put and not promised to run, or the other way round.
func (b *Bundle) placeComplaints(put []string) []string {
	const prefix = "operatorframework.io/arch."
	var all []string
	for _, arch := range put {
		if b.CSV.Metadata.Labels[prefix+arch] != "supported" {
			all = append(all, "may be put on "+arch+", which is not promised")
		}
	}
	for _, label := range sortedKeys(b.CSV.Metadata.Labels) {
		if arch, promised := strings.CutPrefix(label, prefix); promised && !slices.Contains(put, arch) {
			all = append(all, "promises "+arch+", where the pod is not put")
		}
	}
	return all
}

func containerComplaints(c corev1.Container) []string {
	var all []string
	for _, resource := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if _, there := c.Resources.Requests[resource]; !there {
			all = append(all, "container "+c.Name+" requests no "+string(resource))
		}
	}
	if c.LivenessProbe == nil || c.ReadinessProbe == nil {
		all = append(all, "container "+c.Name+" is not probed")
	}
	if !isConfined(c.SecurityContext) {
		all = append(all, "container "+c.Name+" is not confined")
	}
	return all
}

// isConfined says whether a container has given up all that it may.
func isConfined(s *corev1.SecurityContext) bool {
	return s != nil && s.AllowPrivilegeEscalation != nil && !*s.AllowPrivilegeEscalation && isTrue(s.ReadOnlyRootFilesystem) &&
		s.Capabilities != nil && slices.Contains(s.Capabilities.Drop, "ALL")
}

// architectures that the pod demands one of.
func architectures(pod corev1.PodSpec) []string {
	if pod.Affinity == nil || pod.Affinity.NodeAffinity == nil {
		return nil
	}
	required := pod.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	if required == nil {
		return nil
	}
	var all []string
	for _, term := range required.NodeSelectorTerms {
		for _, e := range term.MatchExpressions {
			if e.Key == corev1.LabelArchStable {
				all = append(all, e.Values...)
			}
		}
	}
	return all
}

func isTrue(given *bool) bool {
	return given != nil && *given
}

// accesses: nothing that nobody has thought of, and of definitions only what reading takes.
func (b *Bundle) accesses() []string {
	var all []string
	for _, p := range slices.Concat(b.CSV.Spec.Install.Spec.Permissions, b.CSV.Spec.Install.Spec.ClusterPermissions) {
		for _, rule := range p.Rules {
			all = append(all, ruleComplaints(rule)...)
		}
	}
	return all
}

func ruleComplaints(rule rbacv1.PolicyRule) []string {
	var all []string
	said := fmt.Sprintf("%v of %v", rule.Verbs, rule.Resources)
	for _, part := range slices.Concat(rule.APIGroups, rule.Resources, rule.Verbs) {
		if part == "*" {
			all = append(all, "a wildcard in "+said)
		}
	}
	reading := []string{"get", "list", "watch"}
	writes := slices.ContainsFunc(rule.Verbs, func(verb string) bool { return !slices.Contains(reading, verb) })
	if slices.Contains(rule.Resources, "customresourcedefinitions") && writes {
		all = append(all, "definitions are OLM's to write: "+said)
	}
	if slices.Contains(rule.Resources, "secrets") || slices.Contains(rule.Verbs, "escalate") || slices.Contains(rule.Verbs, "bind") {
		all = append(all, "too much: "+said)
	}
	return all
}

// images: those that run, all of them, and of this version.
func (b *Bundle) images() []string {
	var all []string
	deployments := b.CSV.Spec.Install.Spec.Deployments
	if wanted := relatedImages(deployments); !slices.Equal(b.CSV.Spec.RelatedImages, wanted) {
		all = append(all, fmt.Sprintf("related images are %v, not %v", b.CSV.Spec.RelatedImages, wanted))
	}
	for _, i := range b.CSV.Spec.RelatedImages {
		if i.Image != b.CSV.Metadata.Annotations["containerImage"] {
			all = append(all, "containerImage is not "+i.Image)
		}
		if !strings.Contains(i.Image, "@sha256:") && !strings.HasSuffix(i.Image, ":v"+b.CSV.Spec.Version) {
			all = append(all, i.Image+" is not of version "+b.CSV.Spec.Version)
		}
	}
	return all
}
