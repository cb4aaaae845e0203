package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/fluxmonitoring/operator/test/pages"
)

// root of the repository.
const root = ".."

// page is a Markdown file of the repository, read.
type page struct {
	path     string // from the root
	source   []byte
	links    []string
	headings []heading
	anchors  sets.Set[string] // as the forge derives them from the headings
	blocks   []block
	cells    [][]string // of the rows of its tables, with the heading above
}

type heading struct {
	level int
	text  string
}

// block is a fenced block.
type block struct {
	language, content string
}

// all are the Markdown files of the repository.
func all(t *testing.T) (found []page) {
	t.Helper()
	paths, err := pages.In(os.DirFS(root))
	must(t, err)
	for _, path := range paths {
		if !strings.HasPrefix(path, "dist/") {
			found = append(found, read(t, path))
		}
	}
	return found
}

var reader = goldmark.New(goldmark.WithExtensions(extension.GFM))

// read reads a page, named from the root.
func read(t *testing.T, path string) page {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, path))
	must(t, err)
	p := page{path: path, source: source, anchors: sets.New[string]()}
	must(t, ast.Walk(reader.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			p.add(n, source)
		}
		return ast.WalkContinue, nil
	}))
	return p
}

var (
	addressInHTML = regexp.MustCompile(`(?:src|srcset|href)="([^"]+)"`)
	anchorInHTML  = regexp.MustCompile(`(?:id|name)="([^"]+)"`)
)

func (p *page) add(n ast.Node, source []byte) {
	switch n := n.(type) {
	case *ast.Heading:
		p.headings = append(p.headings, heading{n.Level, plain(n, source)})
		p.addAnchor(slug(plain(n, source)))
	case *ast.Link:
		p.links = append(p.links, string(n.Destination))
	case *ast.Image:
		p.links = append(p.links, string(n.Destination))
	case *ast.HTMLBlock:
		p.addHTML(string(n.Lines().Value(source)))
		if commands, is, _ := pages.Hidden(string(n.Lines().Value(source))); is {
			p.blocks = append(p.blocks, block{"sh", commands})
		}
	case *ast.RawHTML:
		p.addHTML(string(n.Segments.Value(source)))
	case *ast.FencedCodeBlock:
		p.blocks = append(p.blocks, block{string(n.Language(source)), string(n.Lines().Value(source))})
	case ast.Node:
		if n.Kind().String() == "TableRow" {
			p.addRow(n, source)
		}
	}
}

func (p *page) addHTML(html string) {
	for _, found := range addressInHTML.FindAllStringSubmatch(html, -1) {
		p.links = append(p.links, found[1])
	}
	for _, found := range anchorInHTML.FindAllStringSubmatch(html, -1) {
		p.anchors.Insert(found[1])
	}
}

// addAnchor numbers what is there already.
func (p *page) addAnchor(anchor string) {
	numbered := anchor
	for i := 1; p.anchors.Has(numbered); i++ {
		numbered = anchor + "-" + string(rune('0'+i))
	}
	p.anchors.Insert(numbered)
}

func (p *page) addRow(row ast.Node, source []byte) {
	cells := []string{p.headings[len(p.headings)-1].text}
	for c := row.FirstChild(); c != nil; c = c.NextSibling() {
		cells = append(cells, plain(c, source))
	}
	p.cells = append(p.cells, cells)
}

// plain is the text of a node without its markup.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Segment.Value(source))
		case *ast.String:
			b.Write(c.Value)
		default:
			b.WriteString(plain(c, source))
		}
	}
	return b.String()
}

var notInAnchors = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// slug is the anchor of a heading, as the forge makes it.
func slug(heading string) string {
	return strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
