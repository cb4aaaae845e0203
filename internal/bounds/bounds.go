// Package bounds says how large what a user writes may become, and finds out before anybody reads it: how deep YAML nests, whether
// it refers to itself, and how much a regular expression expands to. A text of some hundred bytes can expand to gigabytes, so its
// length is no bound. The package knows nothing of the resource, and what it does itself costs about as much as the text is long.
package bounds

import "fmt"

// Depth is how deep YAML and JSON may nest. Nothing that is generated or written by hand comes near.
const Depth = 100

// Documents is how many documents a YAML text may have.
const Documents = 100

// Brief is a text of others, such as an error that quotes its input, at a length that fits in a condition.
func Brief(text string) string {
	const limit = 1000
	if len(text) <= limit {
		return text
	}
	return fmt.Sprintf("%s... (%d bytes more)", valid(text[:limit]), len(text)-limit)
}
