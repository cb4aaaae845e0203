package exporter

import (
	"reflect"
	"testing"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"
)

func TestObjectsSatisfyTheReflector(t *testing.T) {
	o := &object{key: "team/apps", version: "7"}
	for _, asked := range []struct {
		of    any
		about []reflect.Type
	}{
		{o, []reflect.Type{reflect.TypeFor[runtime.Object](), reflect.TypeFor[metav1.ObjectMetaAccessor]()}},
		{o.GetObjectMeta(), []reflect.Type{reflect.TypeFor[metav1.Object]()}},
		{o.GetObjectKind(), []reflect.Type{reflect.TypeOf(o.GetObjectKind())}},
		{&objectList{}, []reflect.Type{reflect.TypeFor[runtime.Object](), reflect.TypeFor[metav1.ListInterface](), reflect.TypeFor[metav1.ListMetaAccessor]()}},
	} {
		for _, about := range asked.about {
			for i := range about.NumMethod() {
				ask(t, asked.of, about.Method(i).Name)
			}
		}
	}
}

// ask calls a method with zero values.
func ask(t *testing.T, of any, method string) {
	t.Helper()
	defer func() {
		if fault := recover(); fault != nil {
			t.Errorf("%T.%s: %v", of, method, fault)
		}
	}()
	called := reflect.ValueOf(of).MethodByName(method)
	arguments := make([]reflect.Value, called.Type().NumIn())
	for i := range arguments {
		arguments[i] = reflect.Zero(called.Type().In(i))
	}
	called.Call(arguments)
}

func TestTheReflectorReadsKeyAndVersionOfAnObject(t *testing.T) {
	g := NewWithT(t)
	o := &object{key: "team/apps", version: "7"}
	g.Expect(cache.MetaNamespaceKeyFunc(o)).To(Equal("team/apps"))
	g.Expect(o.GetObjectMeta().GetResourceVersion()).To(Equal("7"))
}
