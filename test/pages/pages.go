// Package pages reads the commands of a Markdown page, and runs them as a reader does who copies them into one shell, one
// after another.
//
// A fenced block `sh` is a script, all of which is run. A block `console` shows a session: of it the lines that begin with "$ " are
// run, with those that bash needs besides them, and each must print what is shown below it (see Shown). `<name>` in either is a placeholder. Commands
// in the text, and blocks of other languages, are not looked at; a block of commands by another name is an error.
//
// A comment that begins with `<!-- test:` and a reason has commands that only a test needs, in its further lines: they are run where they are.
// Those of a comment that begins with `<!-- test instead:` are run instead of the next block. A reader sees neither.
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

// Hidden returns the commands in a comment of a page, as far as it is known without its last line, whether it is one for tests, and whether
// these commands are run instead of the next block.
func Hidden(comment string) (commands string, is, instead bool) {
	reason, commands, _ := strings.Cut(comment, "\n")
	instead = strings.HasPrefix(reason, "<!-- test instead:")
	is = instead || strings.HasPrefix(reason, "<!-- test:")
	return commands, is, instead
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
	var found blocks
	tree := goldmark.DefaultParser().Parse(text.NewReader(page))
	err := ast.Walk(tree, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || node.Type() != ast.TypeBlock || node.Lines().Len() == 0 {
			return ast.WalkContinue, nil
		}
		line := 1 + bytes.Count(page[:node.Lines().At(0).Start], []byte("\n"))
		content := string(node.Lines().Value(page))
		switch node := node.(type) {
		case *ast.HTMLBlock:
			found.addComment(line, content)
		case *ast.FencedCodeBlock:
			if err := found.add(string(node.Language(page)), Block{Line: line, Text: content}); err != nil {
				return ast.WalkStop, err
			}
		}
		return ast.WalkContinue, nil
	})
	if err == nil && found.instead != nil {
		err = fmt.Errorf("line %d: no block of commands follows", found.instead.Line-1)
	}
	return found.all, err
}

type blocks struct {
	all     []Block
	instead *Block // Of the next one.
}

func (b *blocks) addComment(line int, content string) {
	commands, is, instead := Hidden(content)
	hidden := Block{Line: line + 1, Text: commands}
	switch {
	case instead:
		b.instead = &hidden
	case is:
		b.all = append(b.all, hidden)
	}
}

func (b *blocks) add(language string, block Block) error {
	block.Session = language == session
	switch {
	case language == script || language == session:
		if b.instead != nil {
			block, b.instead = *b.instead, nil
		}
		b.all = append(b.all, block)
	case slices.Contains(others, strings.ToLower(language)):
		return fmt.Errorf("line %d: a block of commands is called %s or %s, not %s", block.Line-1, script, session, language)
	case language == "" && prompts(block.Text):
		return fmt.Errorf("line %d: a block with commands after a prompt is called %s", block.Line-1, session)
	}
	return nil
}

// prompts reports whether some line is marked as a command.
func prompts(block string) bool {
	return strings.HasPrefix(block, prompt) || strings.Contains(block, "\n"+prompt)
}
