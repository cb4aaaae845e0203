package apply

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fluxmonitoring/operator/internal/mark"
)

// marks are the fields that every object of ours has.
const marks = `"f:metadata":{"f:annotations":{"f:fluxmonitoring.dev/applied":{}},"f:labels":{"f:fluxmonitoring.dev/name":{}}}`

func TestInSyncRequiresOwnershipOfAllDesiredFields(t *testing.T) {
	podMonitor := `spec: {podTargetLabels: [app], selector: {matchExpressions: [{key: app, operator: In, values: [a]}]}, podMetricsEndpoints: [{port: http-prom}]}`
	groups := `spec: {groups: [{name: one, interval: 1m, rules: [{record: "a:b", expr: up}]}, {name: two, rules: []}]}`
	ports := `spec: {ports: [{port: 80, name: web}, {port: 80, protocol: UDP}]}`
	for name, c := range map[string]struct {
		kind    schema.GroupVersionKind
		content string
		owned   string
		inSync  bool
	}{
		"a granular map, all of it ours": {
			configMaps, `data: {a: "1", b: "2"}`, `{` + marks + `,"f:data":{"f:a":{},"f:b":{}}}`, true,
		},
		"a granular map, one value another's": {
			configMaps, `data: {a: "1", b: "2"}`, `{` + marks + `,"f:data":{"f:a":{}}}`, false,
		},
		"a granular map, all of it another's": {
			configMaps, `data: {a: "1", b: "2"}`, `{` + marks + `}`, false,
		},
		"a granular map, of which we own more than is wanted": {
			configMaps, `data: {a: "1"}`, `{` + marks + `,"f:data":{"f:a":{},"f:b":{}}}`, true,
		},
		"an empty map": {
			configMaps, `data: {}`, `{` + marks + `,"f:data":{}}`, true,
		},
		"an empty map, removed": {
			configMaps, `data: {}`, `{` + marks + `}`, false,
		},
		"a scalar at the top": {
			configMaps, `immutable: true`, `{` + marks + `,"f:immutable":{}}`, true,
		},
		"a scalar at the top, removed": {
			configMaps, `immutable: true`, `{` + marks + `}`, false,
		},
		"atomic lists and maps": {
			podMonitors, podMonitor, `{` + marks + `,"f:spec":{"f:podMetricsEndpoints":{},"f:podTargetLabels":{},"f:selector":{}}}`, true,
		},
		"an atomic list, changed": {
			podMonitors, podMonitor, `{` + marks + `,"f:spec":{"f:podTargetLabels":{},"f:selector":{}}}`, false,
		},
		"a list of keyed items": {
			rules, groups,
			`{` + marks + `,"f:spec":{"f:groups":{"k:{\"name\":\"one\"}":{".":{},"f:interval":{},"f:name":{},"f:rules":{}},` +
				`"k:{\"name\":\"two\"}":{".":{},"f:name":{},"f:rules":{}}}}}`, true,
		},
		"a list of keyed items, a field of one changed": {
			rules, groups,
			`{` + marks + `,"f:spec":{"f:groups":{"k:{\"name\":\"one\"}":{".":{},"f:name":{},"f:rules":{}},` +
				`"k:{\"name\":\"two\"}":{".":{},"f:name":{},"f:rules":{}}}}}`, false,
		},
		"a list of keyed items, one removed": {
			rules, groups,
			`{` + marks + `,"f:spec":{"f:groups":{"k:{\"name\":\"one\"}":{".":{},"f:interval":{},"f:name":{},"f:rules":{}}}}}`, false,
		},
		"a list of keyed items, of which a key is left to its default": {
			schema.GroupVersionKind{Version: "v1", Kind: "Service"}, ports,
			`{` + marks + `,"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}},` +
				`"k:{\"port\":80,\"protocol\":\"UDP\"}":{".":{},"f:port":{},"f:protocol":{}}}}}`, true,
		},
		"a list that is a set": {
			configMaps, `metadata: {finalizers: [a, b]}`,
			`{"f:metadata":{"f:annotations":{"f:fluxmonitoring.dev/applied":{}},"f:finalizers":{"v:\"a\"":{},"v:\"b\"":{}},"f:labels":{"f:fluxmonitoring.dev/name":{}}}}`, true,
		},
		"a list that is a set, an item removed": {
			configMaps, `metadata: {finalizers: [a, b]}`,
			`{"f:metadata":{"f:annotations":{"f:fluxmonitoring.dev/applied":{}},"f:finalizers":{"v:\"a\"":{}},"f:labels":{"f:fluxmonitoring.dev/name":{}}}}`, false,
		},
		"an owner reference": {
			configMaps, `metadata: {ownerReferences: [{apiVersion: v1, kind: A, name: b, uid: u}]}`,
			`{"f:metadata":{"f:annotations":{"f:fluxmonitoring.dev/applied":{}},"f:labels":{"f:fluxmonitoring.dev/name":{}},"f:ownerReferences":{"k:{\"uid\":\"u\"}":{}}}}`, true,
		},
		"an owner reference, of another": {
			configMaps, `metadata: {ownerReferences: [{apiVersion: v1, kind: A, name: b, uid: u}]}`,
			`{"f:metadata":{"f:annotations":{"f:fluxmonitoring.dev/applied":{}},"f:labels":{"f:fluxmonitoring.dev/name":{}},"f:ownerReferences":{"k:{\"uid\":\"v\"}":{}}}}`, false,
		},
		"a label of ours, taken": {
			configMaps, `data: {a: "1"}`, `{"f:metadata":{"f:annotations":{"f:fluxmonitoring.dev/applied":{}}},"f:data":{"f:a":{}}}`, false,
		},
		"fields that cannot be read": {
			configMaps, `data: {a: "1"}`, `{`, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := wanted(t, c.kind, "x", c.content)
			actual := found(c.kind, "x", labelled("flux"), digested(w), applied(c.owned))
			NewWithT(t).Expect(InSync(w, actual)).To(Equal(c.inSync))
		})
	}
}

func TestFieldsOfOtherManagersDoNotCount(t *testing.T) {
	w := wanted(t, configMaps, "x", `data: {a: "1"}`)
	all := `{` + marks + `,"f:data":{"f:a":{}}}`
	const (
		updated = metav1.ManagedFieldsOperationUpdate
		apply   = metav1.ManagedFieldsOperationApply
	)
	for name, c := range map[string]struct {
		entries []func(*metav1.PartialObjectMetadata)
		inSync  bool
	}{
		"others own fields beside ours": {
			[]func(*metav1.PartialObjectMetadata){entry("kubectl", updated, "", `{"f:data":{"f:b":{}}}`), applied(all)}, true,
		},
		"others own the same as we do": {
			[]func(*metav1.PartialObjectMetadata){applied(all), entry("kubectl", apply, "", all)}, true,
		},
		"others alone own it":                       {[]func(*metav1.PartialObjectMetadata){entry("kubectl", apply, "", all)}, false},
		"one of our name that has not applied":      {[]func(*metav1.PartialObjectMetadata){entry(mark.FieldManager, updated, "", all)}, false},
		"one of our name that applied to its scale": {[]func(*metav1.PartialObjectMetadata){entry(mark.FieldManager, apply, "scale", all)}, false},
		"nobody owns anything":                      {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			actual := found(configMaps, "x", append(c.entries, labelled("flux"), digested(w))...)
			NewWithT(t).Expect(InSync(w, actual)).To(Equal(c.inSync))
		})
	}
}

func TestAnotherDigestIsNotInSync(t *testing.T) {
	w := wanted(t, configMaps, "x", `data: {a: "1"}`)
	all := `{` + marks + `,"f:data":{"f:a":{}}}`
	for name, digest := range map[string]string{"of other content": "sha256:00", "none": ""} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(InSync(w, found(configMaps, "x", labelled("flux"), withDigest(digest), applied(all)))).To(BeFalse())
		})
	}
}
