package examples_test

import (
	"context"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// byKstatus is how Flux judges an object without healthCheckExprs, and how `kubectl` plugins and others do.
func byKstatus(t *testing.T, o *unstructured.Unstructured) string {
	t.Helper()
	judged, err := status.Compute(o)
	must(t, err)
	return judged.Status.String()
}

// byExpressions is how Flux judges an object by healthCheckExprs.
func byExpressions(t *testing.T, o *unstructured.Unstructured, check kustomize.CustomHealthCheck) string {
	t.Helper()
	evaluator, err := cel.NewStatusEvaluator(&check.HealthCheckExpressions)
	must(t, err)
	judged, err := evaluator.Evaluate(t.Context(), o)
	must(t, err)
	return judged.Status.String()
}

// healthCheck is the only healthCheckExprs of a Kustomization in a file.
func healthCheck(t *testing.T, file string) kustomize.CustomHealthCheck {
	t.Helper()
	spec := struct {
		HealthCheckExprs []kustomize.CustomHealthCheck `json:"healthCheckExprs"`
	}{}
	content, _, err := unstructured.NestedMap(written(t, file)[0].Object, "spec")
	must(t, err)
	must(t, runtime.DefaultUnstructuredConverter.FromUnstructured(content, &spec))
	if len(spec.HealthCheckExprs) != 1 {
		t.Fatalf("%s has %d health checks", file, len(spec.HealthCheckExprs))
	}
	return spec.HealthCheckExprs[0]
}

// health is the health of an object in Argo CD.
type health struct{ Status, Message string }

// byLua is how Argo CD judges an object by a script: with its libraries package, base and table open and a few functions of os, which
// no script here uses, within a second.
func byLua(t *testing.T, o *unstructured.Unstructured, script string) health {
	t.Helper()
	l := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer l.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	} {
		must(t, l.CallByParam(lua.P{Fn: l.NewFunction(open), Protect: true}, lua.LString(name)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	l.SetContext(ctx)
	l.SetGlobal("obj", luaOf(l, o.Object))
	must(t, l.DoString(script))
	returned, ok := l.Get(-1).(*lua.LTable)
	if !ok {
		t.Fatalf("the script returns a %s", l.Get(-1).Type())
	}
	return health{lua.LVAsString(returned.RawGetString("status")), lua.LVAsString(returned.RawGetString("message"))}
}

// luaOf is a value of an object as a script sees it.
func luaOf(l *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case bool:
		return lua.LBool(v)
	case string:
		return lua.LString(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case []any:
		list := l.NewTable()
		for _, item := range v {
			list.Append(luaOf(l, item))
		}
		return list
	case map[string]any:
		table := l.NewTable()
		for key, item := range v {
			table.RawSetString(key, luaOf(l, item))
		}
		return table
	}
	return lua.LNil
}

// healthScript is what the example puts into argocd-cm.
func healthScript(t *testing.T) string {
	t.Helper()
	const key = "resource.customizations.health.fluxmonitoring.dev_FluxMonitoring"
	script, found, err := unstructured.NestedString(written(t, "argocd/argocd-cm.yaml")[0].Object, "data", key)
	must(t, err)
	if !found {
		t.Fatal("argocd-cm has no " + key)
	}
	return script
}
