package bounds

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Shape is what a text in YAML consists of.
type Shape struct {
	// Nodes are its values, keys and what holds them.
	Nodes int
	// List: it is one list, as a JSON patch is.
	List bool
}

// YAML says what a text of one or several documents consists of, or why it must not be read: it is no YAML, it has too many documents,
// nests too deep, or has anchors or aliases, which expand to many times the text. It looks at what is written and expands nothing. The
// caller bounds the length of the text: each byte may cost some hundred in memory.
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

// add looks at a node and at what is within it.
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

// valid is a text without what a cut has left of a character.
func valid(text string) string { return strings.ToValidUTF8(text, "") }
