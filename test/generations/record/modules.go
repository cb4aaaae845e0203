package main

import (
	"context"
	"encoding/json"
	"fmt"
)

// downloaded is where the module cache holds a module.
type downloaded struct{ Dir, GoMod, Error string }

// download fetches a module of this version.
func download(ctx context.Context, scratch, path, version string) (downloaded, error) {
	var d downloaded
	out, err := run(ctx, scratch, "go", "mod", "download", "-json", path+"@"+version)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(out, &d)
}

// pinned returns which version of a module the go.mod in folder pins, and where the module cache holds it.
func pinned(ctx context.Context, folder, path string) (version, dir string, err error) {
	out, err := run(ctx, folder, "go", "list", "-mod=readonly", "-m", "-json", path)
	if err != nil {
		return "", "", err
	}
	var m struct{ Version, Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", "", fmt.Errorf("reading what go list says about %s: %w", path, err)
	}
	return m.Version, m.Dir, nil
}
