package apply

import (
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestARestoreNamesTheManagerThatTookAField(t *testing.T) {
	const ours = `{"f:data":{"f:a":{}},"f:spec":{"f:list":{}}}`
	for name, c := range map[string]struct {
		desired, owned, other string
		by                    string
	}{
		"a value changed":             {`data: {a: "1", b: "2"}`, ours, `{"f:data":{"f:b":{}}}`, "kubectl-edit"},
		"an item changed":             {`spec: {ports: [{name: web, port: 80}]}`, ours, `{"f:spec":{"f:ports":{"k:{\"name\":\"web\"}":{".":{},"f:port":{}}}}}`, "kubectl-edit"},
		"an item of a set":            {`spec: {set: [a]}`, ours, `{"f:spec":{"f:set":{"v:\"a\"":{}}}}`, "kubectl-edit"},
		"a whole list":                {`spec: {other: [a]}`, ours, `{"f:spec":{"f:other":{}}}`, "kubectl-edit"},
		"all of it":                   {`data: {a: "1"}`, `{}`, `{"f:data":{".":{},"f:a":{}}}`, "kubectl-edit"},
		"nothing that is desired":     {`data: {a: "1", b: "2"}`, ours, `{"f:data":{"f:c":{}},"f:metadata":{"f:labels":{"f:team":{}}}}`, ""},
		"what both have":              {`data: {a: "1"}`, ours, `{"f:data":{"f:a":{}}}`, ""},
		"a part of what we own whole": {`spec: {list: [{name: a}]}`, ours, `{"f:spec":{"f:list":{"k:{\"name\":\"a\"}":{"f:name":{}}}}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			live := found(configMaps, "x", timed(applied(c.owned), 1), timed(entry("older", metav1.ManagedFieldsOperationUpdate, "", c.other), 1),
				timed(entry("kubectl-edit", metav1.ManagedFieldsOperationUpdate, "", c.other), 2),
				timed(entry("controller", metav1.ManagedFieldsOperationUpdate, "status", c.other), 3))
			change := Change{Action: Restored, Desired: unmarked(t, configMaps, "x", c.desired), Live: live}
			g.Expect(change.ChangedBy()).To(Equal(c.by))
		})
	}
	NewWithT(t).Expect((&Change{Action: Created}).ChangedBy()).To(BeEmpty())
}
