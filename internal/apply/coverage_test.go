package apply

import (
	"strings"
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
	const (
		one       = `"f:spec":{"f:groups":{"k:{\"name\":\"one\"}":{".":{},"f:interval":{},"f:name":{},"f:rules":{}}`
		changed   = `"f:spec":{"f:groups":{"k:{\"name\":\"one\"}":{".":{},"f:name":{},"f:rules":{}}`
		two       = `,"k:{\"name\":\"two\"}":{".":{},"f:name":{},"f:rules":{}}}}`
		reference = `metadata: {ownerReferences: [{apiVersion: v1, kind: A, name: b, uid: u}]}`
	)
	for name, c := range map[string]struct {
		kind    schema.GroupVersionKind
		content string
		owned   string // beside the marks
		inSync  bool
	}{
		"a granular map, all of it ours":                    {configMaps, `data: {a: "1", b: "2"}`, `"f:data":{"f:a":{},"f:b":{}}`, true},
		"a granular map, one value another's":               {configMaps, `data: {a: "1", b: "2"}`, `"f:data":{"f:a":{}}`, false},
		"a granular map, all of it another's":               {configMaps, `data: {a: "1", b: "2"}`, ``, false},
		"a granular map, of which we own more than desired": {configMaps, `data: {a: "1"}`, `"f:data":{"f:a":{},"f:b":{}}`, true},
		"an empty map":                 {configMaps, `data: {}`, `"f:data":{}`, true},
		"an empty map, removed":        {configMaps, `data: {}`, ``, false},
		"a scalar at the top":          {configMaps, `immutable: true`, `"f:immutable":{}`, true},
		"a scalar at the top, removed": {configMaps, `immutable: true`, ``, false},
		"atomic lists and maps": {
			podMonitors, podMonitor, `"f:spec":{"f:podMetricsEndpoints":{},"f:podTargetLabels":{},"f:selector":{}}`, true,
		},
		"an atomic list, changed":                       {podMonitors, podMonitor, `"f:spec":{"f:podTargetLabels":{},"f:selector":{}}`, false},
		"a list of keyed items":                         {rules, groups, one + two, true},
		"a list of keyed items, a field of one changed": {rules, groups, changed + two, false},
		"a list of keyed items, one removed":            {rules, groups, one + `}}`, false},
		"a list of keyed items, of which a key is left to its default": {
			schema.GroupVersionKind{Version: "v1", Kind: "Service"}, ports,
			`"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}},` +
				`"k:{\"port\":80,\"protocol\":\"UDP\"}":{".":{},"f:port":{},"f:protocol":{}}}}`, true,
		},
		"a list that is a set":                  {configMaps, `metadata: {finalizers: [a, b]}`, metadata(`"f:finalizers":{"v:\"a\"":{},"v:\"b\"":{}}`), true},
		"a list that is a set, an item removed": {configMaps, `metadata: {finalizers: [a, b]}`, metadata(`"f:finalizers":{"v:\"a\"":{}}`), false},
		"an owner reference":                    {configMaps, reference, metadata(`"f:ownerReferences":{"k:{\"uid\":\"u\"}":{}}`), true},
		"an owner reference, of another":        {configMaps, reference, metadata(`"f:ownerReferences":{"k:{\"uid\":\"v\"}":{}}`), false},
		"a label of ours, taken": {
			configMaps, `data: {a: "1"}`, `"f:metadata":{"f:annotations":{"f:fluxmonitoring.dev/applied":{}}},"f:data":{"f:a":{}}`, false,
		},
		"fields that cannot be read": {configMaps, `data: {a: "1"}`, `{`, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := desired(t, c.kind, "x", c.content)
			live := found(c.kind, "x", labelled("flux"), digested(w), applied(withMarks(c.owned)))
			NewWithT(t).Expect(InSync(w, live)).To(Equal(c.inSync))
		})
	}
}

// metadata are the marks, with another field of the metadata.
func metadata(field string) string { return strings.TrimSuffix(marks, "}") + "," + field + "}" }

// withMarks are fields as managedFields has them, with the marks if there is nothing of the metadata.
func withMarks(fields string) string {
	if !strings.HasPrefix(fields, `"f:metadata"`) {
		fields = strings.TrimSuffix(marks+","+fields, ",")
	}
	return "{" + fields + "}"
}

func TestFieldsOfOtherManagersDoNotCount(t *testing.T) {
	w := desired(t, configMaps, "x", `data: {a: "1"}`)
	all := `{` + marks + `,"f:data":{"f:a":{}}}`
	const (
		updated = metav1.ManagedFieldsOperationUpdate
		apply   = metav1.ManagedFieldsOperationApply
	)
	of := func(entries ...func(*metav1.PartialObjectMetadata)) []func(*metav1.PartialObjectMetadata) {
		return entries
	}
	for name, c := range map[string]struct {
		entries []func(*metav1.PartialObjectMetadata)
		inSync  bool
	}{
		"others own fields beside ours":             {of(entry("kubectl", updated, "", `{"f:data":{"f:b":{}}}`), applied(all)), true},
		"others own the same as we do":              {of(applied(all), entry("kubectl", apply, "", all)), true},
		"others alone own it":                       {of(entry("kubectl", apply, "", all)), false},
		"one of our name that has not applied":      {of(entry(mark.FieldManager, updated, "", all)), false},
		"one of our name that applied to its scale": {of(entry(mark.FieldManager, apply, "scale", all)), false},
		"nobody owns anything":                      {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			actual := found(configMaps, "x", append(c.entries, labelled("flux"), digested(w))...)
			NewWithT(t).Expect(InSync(w, actual)).To(Equal(c.inSync))
		})
	}
}
