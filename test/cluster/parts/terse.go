package parts

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
)

// shorten removes the descriptions of fields from the definitions in the terse folders of a part, which is made in a folder. Descriptions are
// three quarters of the text, no API server checks anything by them, and each control plane of a test would read and store them.
func shorten(_ context.Context, p Part, folder string) error {
	for _, terse := range p.Terse {
		files, err := filepath.Glob(filepath.Join(folder, terse, "*.yaml"))
		if err != nil {
			return err
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if err := os.WriteFile(file, withoutDescriptions(content), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// described is the first line of a description. A field named description has no text in its line.
var described = regexp.MustCompile(`^( *)description: \S`)

// withoutDescriptions is a definition as controller-gen writes it, without descriptions. Those that begin an item of a list stay.
func withoutDescriptions(definition []byte) []byte {
	var kept bytes.Buffer
	inside := -1 // how far the description is indented that the line continues
	for line := range bytes.Lines(definition) {
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		if inside >= 0 && (indent > inside || len(bytes.TrimSpace(line)) == 0) {
			continue
		}
		inside = -1
		if found := described.FindSubmatch(line); found != nil {
			inside = len(found[1])
			continue
		}
		kept.Write(line)
	}
	return kept.Bytes()
}
