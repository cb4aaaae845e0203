package v1alpha1

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Receiver is a receiver of an AlertmanagerConfig of the version in use. Beside its name it has the fields that a receiver has in
// monitoring.coreos.com/v1alpha1 or v1beta1; prometheus-operator's reference of AlertmanagerConfig describes them.
type Receiver struct {
	// name is the name of the receiver, such as oncall. It must not be null, which is the receiver that is notified of nothing.
	// +required
	// +kubebuilder:validation:XValidation:rule="self != 'null'",message="null is the receiver that is notified of nothing: choose another name"
	Name ReceiverName `json:"name"`
	// Content is the whole receiver as JSON, its name too, as it was written. Only the CRD has its schema, which hack/crd generates.
	Content []byte `json:"-"`
}

// UnmarshalJSON reads the name and keeps the content.
func (r *Receiver) UnmarshalJSON(content []byte) error {
	var named struct {
		Name ReceiverName `json:"name"`
	}
	if err := json.Unmarshal(content, &named); err != nil {
		return fmt.Errorf("reading the name of a receiver: %w", err)
	}
	r.Name, r.Content = named.Name, bytes.Clone(content)
	return nil
}

// MarshalJSON writes the content as it was read. A receiver that was not read from anything is its name.
func (r Receiver) MarshalJSON() ([]byte, error) {
	if len(r.Content) == 0 {
		return json.Marshal(map[string]any{"name": r.Name})
	}
	return r.Content, nil
}
