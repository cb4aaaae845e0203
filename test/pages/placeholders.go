package pages

import (
	"fmt"
	"regexp"
	"strings"
)

// placeholder begins with a letter right after the bracket and ends with none but a letter or a digit, so that it is not taken for a
// redirection, a here-document or a substitution of the shell.
var placeholder = regexp.MustCompile(`<([A-Za-z](?:[^<>|&;\n]*[A-Za-z0-9])?)>`)

// Placeholders of a block, in its order, each once.
func (b Block) Placeholders() []string {
	var names []string
	seen := map[string]bool{}
	for _, found := range placeholder.FindAllStringSubmatch(b.Text, -1) {
		if !seen[found[1]] {
			names = append(names, found[1])
		}
		seen[found[1]] = true
	}
	return names
}

// Filled is the block with values for its placeholders. One without a value is an error.
func (b Block) Filled(values map[string]string) (Block, error) {
	for _, name := range b.Placeholders() {
		value, known := values[name]
		if !known {
			return Block{}, fmt.Errorf("line %d and on: nothing is known to fill in for <%s>", b.Line, name)
		}
		b.Text = strings.ReplaceAll(b.Text, "<"+name+">", value)
	}
	return b, nil
}
