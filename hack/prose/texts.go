package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// text is what a person reads, and where it is written.
type text struct {
	at    token.Position
	words string
}

// fromGo are the texts of a Go file: its literals that read as prose and, if comments is set, its documentation, which becomes the
// descriptions of a CRD.
func fromGo(file string, comments bool) ([]text, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var found []text
	add := func(at token.Pos, words string) {
		for _, paragraph := range paragraphs(words) {
			if isProse(paragraph) {
				found = append(found, text{set.Position(at), paragraph})
			}
		}
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ImportSpec:
			return false
		case ast.Expr:
			if words, is := literal(node); is {
				add(node.Pos(), words)
				return false
			}
		case *ast.CommentGroup:
			if comments {
				add(node.Pos(), node.Text())
			}
		}
		return true
	})
	return found, nil
}

// literal is the text of a string literal, or of several that are added up; a value between them is a word.
func literal(of ast.Expr) (string, bool) {
	switch of := of.(type) {
	case *ast.BasicLit:
		words, err := strconv.Unquote(of.Value)
		return words, of.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		if of.Op != token.ADD {
			return "", false
		}
		left, isLeft := literal(of.X)
		right, isRight := literal(of.Y)
		switch {
		case isLeft && isRight:
			return left + right, true
		case isLeft:
			return left + value, true
		case isRight:
			return value + right, true
		}
	case *ast.ParenExpr:
		return literal(of.X)
	}
	return "", false
}

// value stands for what a text holds at run time.
const value = "X"

var (
	verb     = regexp.MustCompile(`%[-+#]?(\[\d+\])?[a-z]|\{\{.*?\}\}`)
	marker   = regexp.MustCompile(`(?m)^\s*\+\S+.*$`)
	hash     = regexp.MustCompile(`(?m)^# ?`)
	indented = regexp.MustCompile(`(?m)^(  |\t).*$`)
	prose    = regexp.MustCompile(`[A-Za-z]{2,}[ ,;:.]+[a-z]{2,}[ ,;:.]+[a-z]{2,}`)
	symbols  = regexp.MustCompile(`[^A-Za-z0-9 ,.;:'"()?!/\n-]`)
	comments = regexp.MustCompile(`(?m)^[ \t]*#[ \t]+(.*)$`)
)

// paragraphs are those of a text, without what is filled in at run time, the markers of generators, and indented lines, which are examples.
func paragraphs(words string) (found []string) {
	words = hash.ReplaceAllString(words, "") // the text of a file with comments
	words = verb.ReplaceAllString(indented.ReplaceAllString(marker.ReplaceAllString(words, ""), ""), value)
	for paragraph := range strings.SplitSeq(words, "\n\n") {
		found = append(found, strings.TrimSpace(paragraph))
	}
	return found
}

// isProse reports whether people read this text as sentences: several words in a row, and few of the symbols of a query or a pattern.
func isProse(words string) bool {
	return prose.MatchString(words) && len(symbols.FindAllString(words, -1))*12 < len(words)
}

// fromYAML are the comments of a YAML file, those on lines that follow each other as one text.
func fromYAML(file, content string) []text {
	var found []text
	last := -1
	for number, line := range strings.Split(content, "\n") {
		comment := comments.FindStringSubmatch(line)
		if comment == nil {
			continue
		}
		if last == number-1 && len(found) > 0 {
			found[len(found)-1].words += " " + comment[1]
		} else {
			found = append(found, text{token.Position{Filename: file, Line: number + 1}, comment[1]})
		}
		last = number
	}
	return found
}

// files are those below folders whose name ends so, but tests and their data.
func files(suffix string, folders ...string) ([]string, error) {
	var found []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "testdata":
				return filepath.SkipDir
			case !entry.IsDir() && strings.HasSuffix(path, suffix) && !strings.HasSuffix(path, "_test.go"):
				found = append(found, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
