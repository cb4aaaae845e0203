package desired

import (
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/internal/kinds"
	"github.com/fluxmonitoring/operator/internal/pipeline"
)

// A template that is broken: prometheus-operator refuses a file with it.
const broken = "{{ .Team"

// TestNoTextOfASpecBreaksTheRules puts a broken template into every string that the spec's type has, one after the other.
func TestNoTextOfASpecBreaksTheRules(t *testing.T) {
	fm := monitoring(t, "dashboards: {enabled: false}")
	places := 0
	eachString(reflect.ValueOf(&fm.Spec).Elem(), "spec", func(path string) {
		places++
		objects, err := Objects(fm, everything())
		var invalid *ConfigurationError
		switch {
		case errors.As(err, &invalid):
			if !strings.HasPrefix(invalid.Field, "spec") {
				t.Errorf("%s: the error names no field: %v", path, err)
			}
		case err != nil:
			t.Errorf("%s: %v", path, err)
		default:
			var r monitoringv1.PrometheusRule
			if o := pipeline.FirstOfKind(objects, kinds.PrometheusRule.Kind); o != nil {
				must(t, typed(o, &r))
			}
			_, faults := rulefmt.Parse(ruleFile(r.Spec.Groups), false, model.LegacyValidation,
				parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
			if len(faults) > 0 {
				t.Errorf("%s: prometheus-operator refuses all rules: %v", path, faults)
			}
		}
	})
	NewWithT(t).Expect(places).To(BeNumerically(">", 60), "the strings of the spec are found")
}

// eachString sets each string within a value in turn, with all that must be there to hold it, and sets it back.
func eachString(v reflect.Value, path string, then func(path string)) {
	switch v.Kind() {
	case reflect.String:
		put(v, reflect.ValueOf(broken).Convert(v.Type()), func() { then(path) })
	case reflect.Pointer:
		put(v, reflect.New(v.Type().Elem()), func() { eachString(v.Elem(), path, then) })
	case reflect.Slice:
		put(v, reflect.MakeSlice(v.Type(), 1, 1), func() { eachString(v.Index(0), path+"[0]", then) })
	case reflect.Map:
		for _, pair := range [][2]string{{"name", broken}, {broken, "value"}} {
			key, value := reflect.ValueOf(pair[0]).Convert(v.Type().Key()), reflect.ValueOf(pair[1])
			if !value.CanConvert(v.Type().Elem()) {
				continue // no map of texts, such as of receivers' content
			}
			m := reflect.MakeMap(v.Type())
			m.SetMapIndex(key, value.Convert(v.Type().Elem()))
			put(v, m, func() { then(path + "." + pair[0]) })
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				eachString(v.Field(i), path+"."+f.Name, then)
			}
		}
	default: // holds no text
	}
}

func put(v, value reflect.Value, then func()) {
	was := reflect.ValueOf(v.Interface())
	v.Set(value)
	complete(v)
	then()
	v.Set(was)
}

// complete gives what is within a list the names without which it is refused for another reason than its text.
func complete(v reflect.Value) {
	switch list := v.Addr().Interface().(type) {
	case *[]v1alpha1.AlertOverride:
		(*list)[0].Name = "FluxControllerDown"
	case *[]monitoringv1.RuleGroup:
		(*list)[0].Name = "mine"
	case *[]monitoringv1.Rule:
		(*list)[0].Alert = "Mine"
		(*list)[0].Expr = intstr.FromString("up")
	}
}
