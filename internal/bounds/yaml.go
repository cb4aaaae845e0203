package bounds

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Shape describes a YAML text.
type Shape struct {
	// Nodes is the number of its keys, values and containers.
	Nodes int
	// List: it is a single list, as a JSON patch is.
	List bool
}

// YAML returns the shape of a text, or why it must not be parsed: it is invalid, has too many documents, nests too
// deep, or has anchors or aliases, which expand. It expands nothing itself. The caller must bound the length of the
// text, because each byte can cost some hundred in memory.
func YAML(text []byte) (Shape, error) {
	var shape Shape
	documents := yaml.NewDecoder(bytes.NewReader(text))
	for count := 0; ; count++ {
		var document yaml.Node
		err := documents.Decode(&document)
		switch {
		case errors.Is(err, io.EOF):
			shape.List = shape.List && count == 1
			return shape, nil
		case err != nil:
			return shape, errors.New(Brief(err.Error()))
		case count == Documents:
			return shape, fmt.Errorf("line %d: more than %d documents", document.Line, Documents)
		}
		shape.List = len(document.Content) > 0 && document.Content[0].Kind == yaml.SequenceNode
		if err := shape.add(&document, 0); err != nil {
			return shape, err
		}
	}
}

// add counts a node and its children.
func (s *Shape) add(n *yaml.Node, depth int) error {
	s.Nodes++
	switch {
	case n.Kind == yaml.AliasNode:
		return fmt.Errorf("line %d: the alias *%s is not allowed: write out what it stands for", n.Line, Brief(n.Value))
	case n.Anchor != "":
		return fmt.Errorf("line %d: the anchor &%s is not allowed: write the value out wherever it is needed", n.Line, Brief(n.Anchor))
	case depth > Depth && n.Kind != yaml.ScalarNode:
		return fmt.Errorf("line %d: it nests deeper than %d levels", n.Line, Depth)
	}
	for _, within := range n.Content {
		if err := s.add(within, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// valid removes an incomplete character that a cut has left.
func valid(text string) string { return strings.ToValidUTF8(text, "") }
