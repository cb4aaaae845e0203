package pages

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// anything stands in a session for words that differ from run to run.
const anything = "..."

// age is how kubectl writes the time since something.
var age = regexp.MustCompile(`^(\d+[smhd])+$`)

// Shown reports whether output is what a session shows of it: the same lines, of the same words. Any age is as good as another, and "..."
// is any number of words, or of lines if it stands alone in one.
func Shown(shown, output string) bool {
	return equal(words(shown), words(output))
}

// words are those of a text, with a line break as one.
func words(text string) (all []string) {
	for line := range strings.Lines(strings.TrimRight(text, " \n")) {
		all = append(append(all, strings.Fields(line)...), "\n")
	}
	return all
}

func equal(shown, output []string) bool {
	if len(shown) == 0 {
		return len(output) == 0
	}
	if shown[0] == anything {
		for skipped := 0; skipped <= len(output); skipped++ {
			if equal(shown[1:], output[skipped:]) {
				return true
			}
		}
		return false
	}
	return len(output) > 0 && same(shown[0], output[0]) && equal(shown[1:], output[1:])
}

func same(shown, word string) bool {
	return shown == word || age.MatchString(shown) && age.MatchString(word)
}

// compared is a *Failure for the first command that printed something else than its session shows.
func compared(commands []Command, said string) error {
	parts := strings.Split(said, mark)
	for i := 1; i+1 < len(parts); i += 2 {
		number, err := strconv.Atoi(parts[i])
		if err != nil || number >= len(commands) {
			return fmt.Errorf("a command printed what marks commands: %q", parts[i])
		}
		if c := commands[number]; c.Output != "" && !Shown(c.Output, parts[i+1]) {
			return &Failure{Command: c, Output: parts[i+1], Reason: "the page shows other output:\n" + c.Output + "The command printed:"}
		}
	}
	return nil
}
