// Package admission checks a FluxMonitoring as the API server does before it stores one: it rejects unknown fields,
// sets the defaults of the schema, and validates types, patterns and rules, with the API server's own code and the
// installed CRD, without a cluster. It does not know what the operator validates later, such as PromQL.
package admission

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/fluxmonitoring/operator/api/v1alpha1"
	"github.com/fluxmonitoring/operator/config/crd"
	"github.com/fluxmonitoring/operator/internal/bounds"
)

// Read returns the FluxMonitorings of a YAML stream as the API server would store them, and skips other kinds. It
// rejects a stream longer than bounds.File, and a document longer than bounds.Document. The error names the object
// and all its faults.
func Read(stream io.Reader) ([]*v1alpha1.FluxMonitoring, error) {
	text, err := bounds.Read(stream, bounds.File)
	if err != nil {
		return nil, err
	}
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	var all []*v1alpha1.FluxMonitoring
	for at := 1; ; at++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		object, err := decode(document)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", at, err)
		}
		found, err := fluxMonitorings(object)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
}

// fluxMonitorings are those that an object is or, as a list, contains.
func fluxMonitorings(object *unstructured.Unstructured) ([]*v1alpha1.FluxMonitoring, error) {
	if object.IsList() {
		var all []*v1alpha1.FluxMonitoring
		err := object.EachListItem(func(item runtime.Object) error {
			one, is := item.(*unstructured.Unstructured)
			if !is {
				return nil
			}
			found, err := fluxMonitorings(one)
			all = append(all, found...)
			return err
		})
		return all, err
	}
	if object.GroupVersionKind() != v1alpha1.GroupVersion.WithKind(v1alpha1.Kind) {
		return nil, nil
	}
	fm, err := Admit(object)
	if err != nil {
		return nil, fmt.Errorf("FluxMonitoring %s: %w", object.GetName(), err)
	}
	return []*v1alpha1.FluxMonitoring{fm}, nil
}

// decode decodes a document and rejects duplicate keys. Integers stay integers.
func decode(document []byte) (*unstructured.Unstructured, error) {
	if len(document) > bounds.Document {
		return nil, fmt.Errorf("it has %d bytes, more than the %d that the API server takes", len(document), bounds.Document)
	}
	content, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	if string(content) == "null" {
		return object, nil
	}
	return object, object.UnmarshalJSON(content)
}

// Admit returns the FluxMonitoring that the API server would store. The error has a line for each fault.
func Admit(object *unstructured.Unstructured) (*v1alpha1.FluxMonitoring, error) {
	d, err := installedValidator()
	if err != nil {
		return nil, err
	}
	content := runtime.DeepCopyJSON(object.Object)
	if err := d.validate(content); err != nil {
		return nil, err
	}
	fm := &v1alpha1.FluxMonitoring{}
	return fm, runtime.DefaultUnstructuredConverter.FromUnstructured(content, fm)
}

// validator validates objects against the CRD.
type validator struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// installedValidator is built on first use, because that is slow.
var installedValidator = sync.OnceValues(func() (*validator, error) {
	written := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(crd.FluxMonitorings, written); err != nil {
		return nil, err
	}
	internal := &apiextensions.CustomResourceDefinition{}
	err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(written, internal, nil)
	if err != nil {
		return nil, err
	}
	properties := internal.Spec.Validation
	if properties == nil { // the versions differ
		properties = internal.Spec.Versions[0].Schema
	}
	d := &validator{}
	if d.structural, err = structuralschema.NewStructural(properties.OpenAPIV3Schema); err != nil {
		return nil, err
	}
	if d.schema, _, err = validation.NewSchemaValidator(properties.OpenAPIV3Schema); err != nil {
		return nil, err
	}
	d.rules = cel.NewValidator(d.structural, true, celconfig.PerCallLimit)
	return d, nil
})

// validate sets the defaults and returns what is wrong. Like the API server it evaluates rules only if all types are
// right, because rules would only repeat those faults.
func (d *validator) validate(content map[string]any) error {
	unknown := pruning.PruneWithOptions(content, d.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	if len(unknown) > 0 {
		return fmt.Errorf("unknown field %s", strings.Join(unknown, ", "))
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(content, d.structural)
	defaulting.Default(content, d.structural)
	found := validation.ValidateCustomResource(nil, content, d.schema)
	found = append(found, listtype.ValidateListSetsAndMaps(nil, d.structural, content)...)
	if len(found) == 0 {
		broken, _ := d.rules.Validate(context.Background(), nil, d.structural, content, nil, celconfig.RuntimeCELCostBudget)
		found = append(found, broken...)
	}
	return joinFaults(found)
}

// joinFaults returns an error with a line for each fault.
func joinFaults(found field.ErrorList) error {
	lines := make([]error, 0, len(found))
	for _, fault := range found {
		lines = append(lines, errors.New(fault.Error()))
	}
	return errors.Join(lines...)
}
