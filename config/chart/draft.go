package chart

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// draft is an object on its way to a template: a tree of YAML in which leaves are marked, and what shall stand in their places.
type draft struct {
	object   map[string]any
	defaults map[string]any // of values, by their paths
	fields   []form         // in the place of a whole field
	texts    []string       // in the place of a part of a string
}

// form writes a field into a template: its key, at an indentation.
type form func(key string, indent int) string

// mark stands for a field or a text that is not written yet. It is a word that YAML leaves unquoted.
const mark = "HELM%s%dHELM"

var (
	fieldMark = regexp.MustCompile(`(?m)^( *)(- )?(\S+): HELMFIELD(\d+)HELM\n`)
	textMark  = regexp.MustCompile(`HELMTEXT(\d+)HELM`)
)

// text is a mark for a part of a string. The same text has the same mark.
func (d *draft) text(template string) string {
	i := slices.Index(d.texts, template)
	if i < 0 {
		i, d.texts = len(d.texts), append(d.texts, template)
	}
	return fmt.Sprintf(mark, "TEXT", i)
}

// put writes a field by a form, whatever was there.
func (d *draft) put(f form, path ...string) error {
	parent, err := at(d.object, path[:len(path)-1])
	if err != nil {
		return err
	}
	fields, is := parent.(map[string]any)
	if !is {
		return fmt.Errorf("%s is in no object", strings.Join(path, "."))
	}
	d.fields = append(d.fields, f)
	fields[path[len(path)-1]] = fmt.Sprintf(mark, "FIELD", len(d.fields)-1)
	return nil
}

// take makes a field a value, by a form. What the manifests have there is the value's default.
func (d *draft) take(value string, f func(expression string) form, path ...string) error {
	if now, err := at(d.object, path); err == nil {
		d.defaults[value] = now
	}
	return d.put(f(".Values."+value), path...)
}

// extend has text follow the fields of an object, or the items of a list, that the manifests have.
func (d *draft) extend(lines string, path ...string) error {
	own, _ := at(d.object, path)
	return d.put(extended(own, lines), path...)
}

// at is what is at a path. A step into a list is the name of an item or its index.
func at(tree any, path []string) (any, error) {
	for i, step := range path {
		var next any
		switch now := tree.(type) {
		case map[string]any:
			next = now[step]
		case []any:
			next = item(now, step)
		}
		if next == nil {
			return nil, fmt.Errorf("the manifests have no %s", strings.Join(path[:i+1], "."))
		}
		tree = next
	}
	return tree, nil
}

func item(list []any, step string) any {
	if index, err := strconv.Atoi(step); err == nil && index < len(list) {
		return list[index]
	}
	named := func(o any) bool { fields, is := o.(map[string]any); return is && fields["name"] == step }
	if i := slices.IndexFunc(list, named); i >= 0 {
		return list[i]
	}
	return nil
}

// field is what stands in the place of a marked line.
func (d *draft) field(line string) string {
	found := fieldMark.FindStringSubmatch(line)
	number, _ := strconv.Atoi(found[4])
	indent, before := len(found[1]), ""
	if found[2] != "" { // the first field of an item of a list
		indent, before = indent+2, found[1]+"-\n"
	}
	return before + d.fields[number](found[3], indent)
}

// template is the text of the draft.
func (d *draft) template() (string, error) {
	content, err := yaml.Marshal(d.object)
	if err != nil {
		return "", err
	}
	// What looks like an action in a manifest is text.
	text := strings.ReplaceAll(string(content), "{{", `{{ "{{" }}`)
	for fieldMark.MatchString(text) { // a field that is extended may have others in it
		text = fieldMark.ReplaceAllStringFunc(text, d.field)
	}
	text = textMark.ReplaceAllStringFunc(text, func(word string) string {
		number, _ := strconv.Atoi(textMark.FindStringSubmatch(word)[1])
		return d.texts[number]
	})
	if left := strings.Index(text, "HELMFIELD"); left >= 0 {
		return "", fmt.Errorf("a field is in no place for a template: %.80s", text[left:])
	}
	return text, nil
}

// scalar writes a value as it is.
func scalar(expression string) form {
	return func(key string, indent int) string {
		return fmt.Sprintf("%s%s: {{ %s }}\n", blanks(indent), key, expression)
	}
}

// optional writes a value of any depth where it is not empty.
func optional(expression string) form {
	return func(key string, indent int) string {
		in := blanks(indent)
		return fmt.Sprintf("%s{{- with %s }}\n%s%s:\n%s  {{- toYaml . | nindent %d }}\n%s{{- end }}\n",
			in, expression, in, key, in, indent+2, in)
	}
}

// optionalScalar writes a value that is one line where it is not empty.
func optionalScalar(expression string) form {
	return func(key string, indent int) string {
		in := blanks(indent)
		return fmt.Sprintf("%s{{- with %s }}\n%s%s: {{ . | quote }}\n%s{{- end }}\n", in, expression, in, key, in)
	}
}

// lines writes lines below the key.
func lines(text string) form { return extended(nil, text) }

// extended writes what the manifests have, and lines after it, in which N stands for the indentation.
func extended(own any, text string) form {
	return func(key string, indent int) string {
		inner := indent + 2
		var all strings.Builder
		all.WriteString(blanks(indent) + key + ":\n")
		if own != nil {
			content, _ := yaml.Marshal(own) // It has been read from YAML.
			all.WriteString(indented(string(content), inner))
		}
		all.WriteString(strings.ReplaceAll(indented(text, inner), "nindent N", fmt.Sprintf("nindent %d", inner)))
		return all.String()
	}
}

// indented is text with every line of it further in.
func indented(text string, indent int) string {
	var all strings.Builder
	for line := range strings.Lines(text) {
		all.WriteString(blanks(indent) + strings.TrimSuffix(line, "\n") + "\n")
	}
	return all.String()
}

func blanks(n int) string { return strings.Repeat(" ", n) }
