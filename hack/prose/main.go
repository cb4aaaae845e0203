// Command prose has Vale check the texts that people read, as `make prose` and `make lint` do:
//
//	go run ./hack/prose [PATH...]
//
// Without a path it checks everything: the documents, and from the code what the operator says (conditions, events, alerts, panels, help,
// errors) and the descriptions of the CRD's fields. The rules are in styles/, and docs/style.md explains them. It knows where texts are; Vale
// knows what is wrong with them.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

var (
	documents = []string{"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "docs", "charts",
		"examples", "test", "catalog", ".github"}
	code      = []string{"main.go", "cmd", "api", "controllers", "internal"}
	manifests = []string{"config", "charts", "examples", ".github"}
	// exempt shows what not to write, or is generated from what is checked.
	exempt = []string{"docs/style.md", "docs/api.md", "docs/api/", "test/preview/node_modules/", "config/crd/", "charts/fluxmonitoring-operator/files/",
		"internal/query/catalogue.go", "zz_generated"}
)

func main() {
	found, err := check(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	for _, problem := range found {
		fmt.Fprintln(os.Stdout, problem)
	}
	if len(found) > 0 {
		fmt.Fprintf(os.Stderr, "%d problems; docs/style.md explains the rules\n", len(found))
		os.Exit(1)
	}
}

// check are the problems of the texts in these files and folders, each as "file:line: rule: what to do".
func check(only []string) ([]string, error) {
	texts, err := collect(only)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "prose-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder.
	var paths []string
	for name, pages := range texts {
		path := filepath.Join(folder, name+".md")
		if err := write(path, pages); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	if len(paths) == 0 {
		return nil, errors.New("no text is there: name files or folders of the project, as seen from its root")
	}
	return judged(folder, paths, texts)
}

// collect are the texts by file.
func collect(only []string) (map[string][]text, error) {
	all := map[string][]text{}
	for _, kind := range []struct {
		suffix  string
		folders []string
		read    func(file string) ([]text, error)
	}{
		{".md", documents, fromDocument},
		{".go", code, func(file string) ([]text, error) { return fromGo(file, strings.HasPrefix(file, "api/")) }},
		{".yaml", manifests, fromManifest},
		{".yml", manifests, fromManifest},
	} {
		named, err := files(kind.suffix, present(kind.folders)...)
		if err != nil {
			return nil, err
		}
		for _, file := range named {
			if !asked(file, only) {
				continue
			}
			if all[file], err = kind.read(file); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return all, nil
}

func present(paths []string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		_, err := os.Stat(path)
		return err != nil
	})
}

// asked reports whether a file is one of those asked for.
func asked(file string, only []string) bool {
	if slices.ContainsFunc(exempt, func(part string) bool { return strings.Contains(file, part) }) {
		return false
	}
	return len(only) == 0 || slices.ContainsFunc(only, func(path string) bool {
		path = filepath.Clean(path)
		return file == path || strings.HasPrefix(file, path+"/") || path == "."
	})
}

func fromDocument(file string) ([]text, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var lines []text
	for number, line := range strings.Split(string(content), "\n") {
		lines = append(lines, text{token.Position{Filename: file, Line: number + 1}, line})
	}
	return lines, nil
}

func fromManifest(file string) ([]text, error) {
	content, err := os.ReadFile(file)
	return fromYAML(file, string(content)), err
}

// write writes the texts of a file for Vale: a document as it is, other texts each on one line, with an empty one after it.
func write(path string, texts []text) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	separator := "\n\n"
	if isDocument(path) {
		separator = "\n"
	}
	var content strings.Builder
	for _, text := range texts {
		words := text.words
		if !isDocument(path) {
			words = strings.Join(strings.Fields(words), " ")
		}
		content.WriteString(words + separator)
	}
	return os.WriteFile(path, []byte(content.String()), 0o600)
}

func isDocument(path string) bool { return strings.HasSuffix(path, ".md.md") }

// judged runs Vale, and puts the places of the project where those of the written files are.
func judged(folder string, paths []string, texts map[string][]text) ([]string, error) {
	arguments := []string{"tool", "-modfile=tools/vale/go.mod", "vale", "--config=.vale.ini", "--output=line", "--no-exit"}
	vale := exec.Command("go", append(arguments, paths...)...)
	vale.Env = append(os.Environ(), "CGO_ENABLED=1") // its parsers of code are in C
	var out, said bytes.Buffer
	vale.Stdout, vale.Stderr = &out, &said
	if err := vale.Run(); err != nil {
		return nil, fmt.Errorf("vale: %w\n%s%s", err, &said, &out)
	}
	var found []string
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		parts := strings.SplitN(strings.TrimPrefix(lines.Text(), folder+"/"), ":", 5) // file:line:column:rule:message
		if len(parts) != 5 {
			return nil, fmt.Errorf("vale said what is no problem with a place: %q", lines.Text())
		}
		file := strings.TrimSuffix(parts[0], ".md")
		line, err := strconv.Atoi(parts[1])
		if err != nil {
			return nil, fmt.Errorf("vale said what is no problem with a place: %q", lines.Text())
		}
		if !isDocument(parts[0]) {
			line = texts[file][(line-1)/2].at.Line
		}
		found = append(found, fmt.Sprintf("%s:%d: %s: %s", file, line, parts[3], parts[4]))
	}
	return found, nil
}
