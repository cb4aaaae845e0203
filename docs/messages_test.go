package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

// sources are the packages that write the messages of conditions.
var sources = []string{
	"internal/apply", "internal/desired", "internal/pipeline", "internal/proof", "internal/selection", "internal/stack", "internal/status",
}

// quoted is a message that a section of troubleshooting quotes as a whole.
var quoted = regexp.MustCompile("(?m)^- \\*\\*Said:\\*\\* `([^`]+)`")

// titles are kinds and names of objects, which a message can have as one word of its format.
var titles = regexp.MustCompile(`(Prometheus|Alertmanager|PodMonitor) \S+`)

func TestTroubleshootingQuotesMessagesAsTheOperatorWritesThem(t *testing.T) {
	page, err := os.ReadFile("troubleshooting.md")
	must(t, err)
	formats := formatsIn(t)
	var unknown []string
	for _, match := range quoted.FindAllStringSubmatch(string(page), -1) {
		quote := strings.Join(strings.Fields(match[1]), " ")
		if !isWritten(quote, formats) && !isWritten(titles.ReplaceAllString(quote, "title"), formats) {
			unknown = append(unknown, match[1])
		}
	}
	NewWithT(t).Expect(unknown).To(BeEmpty(), "no code in %s writes this: change the quote in docs/troubleshooting.md",
		strings.Join(sources, ", "))
}

// isWritten reports whether a quoted message begins as one of the formats does. It compares word by word: a word with a verb is any word, and
// two others must be the same.
func isWritten(quote string, formats [][]string) bool {
	words := strings.Fields(strings.TrimSuffix(quote, "..."))
	for _, format := range formats {
		same, differs := 0, false
		for i := range min(len(words), len(format)) {
			switch {
			case strings.Contains(format[i], "%"):
			case strings.TrimRight(format[i], ":;,.") == strings.TrimRight(words[i], ":;,."):
				same++
			default:
				differs = true
			}
		}
		if same > 1 && !differs {
			return true
		}
	}
	return false
}

// formatsIn are the words of the texts in the sources: literals that are added to each other count as one.
func formatsIn(t *testing.T) (formats [][]string) {
	t.Helper()
	for _, source := range sources {
		files, err := filepath.Glob(filepath.Join(root, source, "*.go"))
		must(t, err)
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			must(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				e, is := n.(ast.Expr)
				if text := textOf(e); is && text != "" {
					formats = append(formats, strings.Fields(text))
					return false
				}
				return true
			})
		}
	}
	return formats
}

// textOf is the text of a literal, or of literals that are added; what is no literal among them counts as any word.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value)
			return text
		}
	case *ast.BinaryExpr:
		left, right := textOf(e.X), textOf(e.Y)
		if e.Op != token.ADD || left == "" && right == "" {
			return ""
		}
		return orAny(left) + orAny(right)
	}
	return ""
}

func orAny(text string) string {
	if text == "" {
		return "%s"
	}
	return text
}
