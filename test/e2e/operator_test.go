//go:build e2e

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fluxmonitoring/operator/test/cluster"
)

// The operator, as config/default has it.
const (
	operatorImage = "ghcr.io/fluxmonitoring/operator:dev"
	system        = "fluxmonitoring-system"
	operator      = "fluxmonitoring-operator" // its Deployment, ServiceAccount and Lease
)

// installOperator applies config/default and waits until its Deployment runs. Pods of an image that was loaded before are
// replaced.
func (c *testCluster) installOperator(ctx context.Context) error {
	objects, err := defaultManifests()
	if err != nil {
		return fmt.Errorf("building config/default: %w", err)
	}
	if err := cluster.Apply(ctx, c, objects...); err != nil {
		return err
	}
	before := &corev1.PodList{}
	if err := c.List(ctx, before, client.InNamespace(system)); err != nil {
		return err
	}
	if err := c.DeleteAllOf(ctx, &corev1.Pod{}, client.InNamespace(system)); err != nil {
		return err
	}
	return cluster.Await(ctx, "the operator's Deployment to be available, with the image "+operatorImage+" of the node", patient,
		func(ctx context.Context) error { return c.operatorAvailable(ctx, before) })
}

// operatorAvailable returns an error while the operator's Deployment is not available, or one of the pods of before is left. For a moment
// after these are deleted, the Deployment still reports them as available.
func (c *testCluster) operatorAvailable(ctx context.Context, before *corev1.PodList) error {
	d, pods := &appsv1.Deployment{}, &corev1.PodList{}
	err := errors.Join(c.Get(ctx, client.ObjectKey{Namespace: system, Name: operator}, d), c.List(ctx, pods, client.InNamespace(system)))
	if err != nil {
		return err
	}
	ready := 0
	for _, pod := range pods.Items {
		if slices.ContainsFunc(before.Items, func(old corev1.Pod) bool { return old.UID == pod.UID }) {
			return fmt.Errorf("%s is not gone yet", pod.Name)
		}
		if len(pod.Status.ContainerStatuses) == 1 && pod.Status.ContainerStatuses[0].Ready {
			ready++
		}
	}
	if !running(d) || ready != int(*d.Spec.Replicas) {
		return fmt.Errorf("%d of its pods are ready", ready)
	}
	return nil
}

// defaultManifests are what `kubectl apply -k config/default` applies, with the namespace of the GitOps test added to the trusted ones, and
// with the namespace of the sample as one that can have a stack.
func defaultManifests() ([]*unstructured.Unstructured, error) {
	objects, err := cluster.Kustomize(filepath.Join(source, "config", "default"))
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
		if o.GetKind() != "Deployment" {
			continue
		}
		containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
		if err != nil {
			return nil, err
		}
		of := containers[0].(map[string]any)
		of["env"] = append(of["env"].([]any), map[string]any{"name": "TRUSTED_NAMESPACES", "value": gitOpsNamespace},
			map[string]any{"name": "STACK_NAMESPACES", "value": namespace})
		if err := unstructured.SetNestedSlice(o.Object, containers, "spec", "template", "spec", "containers"); err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// running reports whether all desired pods of a Deployment are available, and no others are left.
func running(d *appsv1.Deployment) bool {
	return d.Status.ObservedGeneration == d.Generation && d.Spec.Replicas != nil &&
		d.Status.AvailableReplicas == *d.Spec.Replicas && d.Status.UpdatedReplicas == *d.Spec.Replicas &&
		d.Status.Replicas == *d.Spec.Replicas
}

// scale changes how many pods a Deployment has until the test ends, and waits until they run or are gone.
func (c *testCluster) scale(t *testing.T, namespace, name string, replicas int) {
	t.Helper()
	d := &appsv1.Deployment{}
	must(t, c.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, d))
	before := int(*d.Spec.Replicas)
	t.Cleanup(func() { c.scaleTo(context.Background(), t, namespace, name, before) })
	c.scaleTo(t.Context(), t, namespace, name, replicas)
}

func (c *testCluster) scaleTo(ctx context.Context, t *testing.T, namespace, name string, replicas int) {
	t.Helper()
	d := &appsv1.Deployment{}
	d.Namespace, d.Name = namespace, name
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)
	must(t, c.Patch(ctx, d, client.RawPatch("application/merge-patch+json", patch)))
	c.complete(ctx, t, d)
}

// complete waits until the pods of a Deployment are those that it asks for, and no others are left.
func (c *testCluster) complete(ctx context.Context, t *testing.T, d *appsv1.Deployment) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		g.Expect(c.Get(ctx, client.ObjectKeyFromObject(d), d)).To(Succeed())
		g.Expect(running(d)).To(BeTrue(), "%+v", d.Status)
		pods := &corev1.PodList{}
		g.Expect(c.List(ctx, pods, client.InNamespace(d.Namespace), client.MatchingLabels(d.Spec.Selector.MatchLabels))).To(Succeed())
		g.Expect(pods.Items).To(HaveLen(int(*d.Spec.Replicas)), "some pods are not gone yet")
	}, patient, often).Should(Succeed(), "%s should have the pods that it asks for", d.Name)
}

// killer returns a function that kills the process of the leading operator by SIGKILL, and the name of that operator in the Lease.
// Where the node is another machine, the pod is deleted without grace instead.
func (c *testCluster) killer(t *testing.T) (kill func(), holder string) {
	t.Helper()
	pod, holder := c.leader(t)
	return c.killerOf(t, pod), holder
}

func (c *testCluster) killerOf(t *testing.T, pod *corev1.Pod) (kill func()) {
	t.Helper()
	if pid := processOf(t, pod); pid != 0 {
		return func() { must(t, syscall.Kill(pid, syscall.SIGKILL)) }
	}
	t.Log("the operator's process is not on this machine: its pod is deleted without grace instead")
	return func() { must(t, c.Delete(t.Context(), pod, client.GracePeriodSeconds(0))) }
}

// processOf finds the process of the pod's only container on this machine, or returns 0. The container's own cgroup lists it.
func processOf(t *testing.T, pod *corev1.Pod) (pid int) {
	t.Helper()
	_, container, _ := strings.Cut(pod.Status.ContainerStatuses[0].ContainerID, "://")
	NewWithT(t).Expect(container).NotTo(BeEmpty(), "%s should have a container", pod.Name)
	root := "/sys/fs/cgroup"
	if _, err := os.Stat(root + "/systemd"); err == nil {
		root += "/systemd" // There is a tree for each controller of resources, and this one has every process.
	}
	_ = filepath.WalkDir(root, func(file string, _ fs.DirEntry, err error) error { // What cannot be read is of another.
		if err != nil || filepath.Base(file) != "cgroup.procs" || !strings.Contains(filepath.Dir(file), container) {
			return nil //nolint:nilerr // Groups come and go meanwhile.
		}
		content, err := os.ReadFile(file)
		if first := strings.Fields(string(content)); err == nil && len(first) > 0 {
			pid, err = strconv.Atoi(first[0])
			must(t, err)
			return fs.SkipAll
		}
		return nil
	})
	return pid
}

// releaseLease deletes the Lease of a leader that was killed, so that another may lead at once.
func (c *testCluster) releaseLease(t *testing.T) {
	t.Helper()
	must(t, client.IgnoreNotFound(c.Delete(t.Context(), lease())))
}

// lease is the Lease of the leader among the operator's pods.
func lease() *unstructured.Unstructured {
	return named("coordination.k8s.io/v1", "Lease", system, operator)
}

// leader is the operator's pod that leads, and its name in the Lease. The name is another after a restart of the same pod.
func (c *testCluster) leader(t *testing.T) (pod *corev1.Pod, holder string) {
	t.Helper()
	NewWithT(t).Eventually(func(g Gomega) {
		holder = c.holder(t)
		pods := &corev1.PodList{}
		g.Expect(c.List(t.Context(), pods, client.InNamespace(system))).To(Succeed())
		at := slices.IndexFunc(pods.Items, func(p corev1.Pod) bool { return strings.HasPrefix(holder, p.Name+"_") })
		g.Expect(at).NotTo(Equal(-1), "%q is not there", holder)
		pod = &pods.Items[at]
		g.Expect(pod.Status.ContainerStatuses).To(HaveLen(1))
		g.Expect(pod.Status.ContainerStatuses[0].State.Running).NotTo(BeNil(), "its container does not run")
	}, patient, often).Should(Succeed(), "a pod of the operator should lead")
	return pod, holder
}

// holder is the holder of the Lease; empty while there is none.
func (c *testCluster) holder(t *testing.T) string {
	t.Helper()
	o := lease()
	must(t, client.IgnoreNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(o), o)))
	holder, _, err := unstructured.NestedString(o.Object, "spec", "holderIdentity")
	must(t, err)
	return holder
}

// since is the time gone by, for people to read.
func since(start time.Time) time.Duration { return time.Since(start).Round(time.Millisecond) }
