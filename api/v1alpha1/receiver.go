package v1alpha1

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Receiver is a receiver of an AlertmanagerConfig of monitoring.coreos.com/v1beta1. Its name is a field; the rest is kept as
// it was written, for the schema of all receivers that there are is as large as that of everything else here together.
//
// +kubebuilder:pruning:PreserveUnknownFields
type Receiver struct {
	// Name of the receiver, such as oncall. The receiver that is told nothing is called null, so no other may be.
	// +kubebuilder:validation:XValidation:rule="self != 'null'",message="null is the name of the receiver that is told nothing, choose another"
	Name ReceiverName `json:"name"`
	// Content is the whole receiver as JSON, its name too.
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
