// Package pages reads the commands of a Markdown page, and runs them as a reader does who copies them into one shell, one
// after another.
//
// A fenced block `sh` is a script, all of which is run. A block `console` shows a session: of it the lines that begin with "$ " are
// run, with those that bash needs besides them, and each must print what is shown below it (see Shown). `<name>` in either is a placeholder. Commands
// in the text, and blocks of other languages, are not looked at; a block of commands by another name is an error.
//
// What only a test needs is a script in a comment, which a reader does not see: it is run where it is. Its first line is `<!-- test:` and
// why the test needs it, its last line is `-->`.
//
// It knows Markdown, and of the shell's language what bash tells it. It does not know what commands do, where they may be run, or
// what a placeholder stands for.
package pages

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// The languages of blocks of commands.
const (
	script  = "sh"
	session = "console"
)

// others are names for the same that readers' tools know, and that would be run by nobody here.
var others = []string{"bash", "zsh", "shell", "shellscript", "shell-session", "sh-session", "terminal"}

// Block is a fenced block of commands.
type Block struct {
	// Line of the page, from 1, that Text begins in.
	Line int
	// Session says that only what is marked in Text are commands.
	Session bool
	Text    string
}

// hidden begins the comment that has commands for tests only.
const hidden = "<!-- test:"

// Hidden returns the commands in a comment of a page, as far as it is known without its last line, and whether it is one for tests.
func Hidden(comment string) (commands string, is bool) {
	reason, commands, several := strings.Cut(comment, "\n")
	if !several || !strings.HasPrefix(reason, hidden) {
		return "", false
	}
	commands, _, _ = strings.Cut(commands, "-->")
	return commands, commands != ""
}

// In lists the Markdown files under a folder, but for those in folders that are hidden or npm's.
func In(root fs.FS) ([]string, error) {
	var found []string
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules"):
			return fs.SkipDir
		case !entry.IsDir() && path.Ext(name) == ".md":
			found = append(found, name)
		}
		return nil
	})
	return found, err
}

// Blocks returns the blocks of commands of a page, in its order.
func Blocks(page []byte) ([]Block, error) {
	var blocks []Block
	tree := goldmark.DefaultParser().Parse(text.NewReader(page))
	err := ast.Walk(tree, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if comment, is := node.(*ast.HTMLBlock); is && entering && comment.Lines().Len() > 0 {
			if commands, is := Hidden(string(comment.Lines().Value(page))); is {
				line := 2 + bytes.Count(page[:comment.Lines().At(0).Start], []byte("\n"))
				blocks = append(blocks, Block{Line: line, Text: commands})
			}
		}
		fenced, ok := node.(*ast.FencedCodeBlock)
		if !ok || !entering || fenced.Lines().Len() == 0 {
			return ast.WalkContinue, nil
		}
		block := Block{Line: 1 + bytes.Count(page[:fenced.Lines().At(0).Start], []byte("\n")), Text: string(fenced.Lines().Value(page))}
		language := string(fenced.Language(page))
		switch block.Session = language == session; {
		case language == script || language == session:
			blocks = append(blocks, block)
		case slices.Contains(others, strings.ToLower(language)):
			return ast.WalkStop, fmt.Errorf("line %d: a block of commands is called %s or %s, not %s", block.Line-1, script, session, language)
		case language == "" && prompts(block.Text):
			return ast.WalkStop, fmt.Errorf("line %d: a block with commands after a prompt is called %s", block.Line-1, session)
		}
		return ast.WalkContinue, nil
	})
	return blocks, err
}

// prompts reports whether some line is marked as a command.
func prompts(block string) bool {
	return strings.HasPrefix(block, prompt) || strings.Contains(block, "\n"+prompt)
}
