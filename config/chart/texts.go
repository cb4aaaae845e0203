package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// valuesYAML is the file of defaults, with what each value is for.
func valuesYAML(values []Value) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("# The values of the chart. Made by config/chart, with defaults from config/default.\n")
	err := writeValues(&text, values, 0)
	return text.Bytes(), err
}

func writeValues(text *bytes.Buffer, values []Value, indent int) error {
	for _, v := range values {
		if indent == 0 {
			text.WriteString("\n")
		}
		for _, line := range wrapped(v.About, 120-indent) {
			text.WriteString(blanks(indent) + "# " + line + "\n")
		}
		if len(v.Within) > 0 {
			text.WriteString(blanks(indent) + v.Name + ":\n")
			if err := writeValues(text, v.Within, indent+2); err != nil {
				return err
			}
			continue
		}
		content, err := yaml.Marshal(map[string]any{v.Name: v.Default})
		if err != nil {
			return err
		}
		text.WriteString(indented(string(content), indent))
	}
	return nil
}

// wrapped is text in lines of at most a width.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

// valuesTable is a table of the values in Markdown.
func valuesTable(values []Value) (string, error) {
	var text strings.Builder
	text.WriteString("| value | default | what it is |\n|---|---|---|\n")
	err := each(values, "", func(path string, v Value) error {
		standard, err := json.Marshal(v.Default)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(&text, "| `%s` | `%s` | %s |\n", path, standard, strings.ReplaceAll(v.About, "|", `\|`))
		return err
	})
	return strings.TrimSuffix(text.String(), "\n"), err
}

// each calls do with every value that is no group, in order.
func each(values []Value, prefix string, do func(path string, v Value) error) error {
	for _, v := range values {
		path := prefix + v.Name
		if len(v.Within) > 0 {
			if err := each(v.Within, path+".", do); err != nil {
				return err
			}
		} else if err := do(path, v); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](of map[string]V) []string {
	var all []string
	for key := range of {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}
