// Package bounds checks the size of user input before it is parsed: how deep YAML nests, whether it has aliases, and
// how much a regular expression expands to. A text of some hundred bytes can expand to gigabytes, so a bound on its
// length is not enough. Each check is linear in the length of the text.
package bounds

import "fmt"

// Depth is how deep YAML and JSON can nest. No real input comes near.
const Depth = 100

// Documents is how many documents a YAML text can have.
const Documents = 100

// Brief cuts a foreign text, such as an error that quotes its input, to a length that fits in a condition.
func Brief(text string) string {
	const limit = 1000
	if len(text) <= limit {
		return text
	}
	return fmt.Sprintf("%s... (%d bytes more)", valid(text[:limit]), len(text)-limit)
}
