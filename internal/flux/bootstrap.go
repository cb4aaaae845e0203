package flux

// Object is one object of Flux by the labels that identify it.
type Object struct {
	// Kind of the object; empty for any.
	Kind string `json:"kind,omitempty"`
	// Namespace and Name of the object.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// Bootstrap names the objects by which Flux brings itself about: all else in the cluster comes from them.
type Bootstrap struct {
	// Appliers apply Flux's controllers: a FluxInstance and its Kustomization, or the Kustomization of flux bootstrap. Empty where
	// they are not known.
	Appliers []Object `json:"appliers,omitempty"`
	// Sources are what they are fetched from; empty where that is not known.
	Sources []Object `json:"sources,omitempty"`
}

// IsZero reports whether nothing is known.
func (r Bootstrap) IsZero() bool { return len(r.Appliers) == 0 && len(r.Sources) == 0 }
