// Package recall remembers what programs have found, so that a test does not run one again on what it has seen before, in whatever clone.
// A result is kept in the user's cache for two weeks after its last use, under a digest of all that it depends on. It knows nothing of
// programs: a caller names everything that a result depends on.
package recall

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// again has everything run again if it is set.
const again = "JUDGE_AGAIN"

// unused is how long a result is kept after its last use.
const unused = 14 * 24 * time.Hour

// Output returns what run returned when it was last called with the same strings of dependencies: all that decides about its result, such as
// arguments, and digests by Content. An error of run is returned and not kept. With the environment variable JUDGE_AGAIN, run is called.
func Output(run func() (string, error), dependencies ...string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "fluxmonitoring", "verdicts")
	file := filepath.Join(folder, key(dependencies))
	if kept, err := read(file); err == nil && os.Getenv(again) == "" {
		now := time.Now()
		return kept, os.Chtimes(file, now, now)
	}
	out, err := run()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	forget(folder)
	return out, write(file, out)
}

func key(dependencies []string) string {
	digest := sha256.New()
	for _, d := range dependencies {
		fmt.Fprintf(digest, "%d %s\n", len(d), d)
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// write writes a compressed file that others read meanwhile: as a whole.
func write(file, content string) error {
	whole, err := os.CreateTemp(filepath.Dir(file), "new-")
	if err != nil {
		return err
	}
	compressed := gzip.NewWriter(whole)
	_, err = io.WriteString(compressed, content)
	return errors.Join(err, compressed.Close(), whole.Close(), os.Rename(whole.Name(), file))
}

func read(file string) (string, error) {
	kept, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer kept.Close() //nolint:errcheck // It was only read.
	content, err := gzip.NewReader(kept)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(content)
	return string(text), err
}

// forget removes results that were not used for long. What it cannot remove stays.
func forget(folder string) {
	kept, _ := os.ReadDir(folder)
	for _, k := range kept {
		if info, err := k.Info(); err == nil && time.Since(info.ModTime()) > unused {
			_ = os.Remove(filepath.Join(folder, k.Name()))
		}
	}
}

// known has the digests of files, some of which are large programs, by path, time and size.
var known sync.Map

// Content is a digest of a file, or of all files of a folder by their names in it.
func Content(path string) (string, error) {
	digest := sha256.New()
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(path, file)
		if err != nil {
			return err
		}
		content, err := contentOf(file)
		fmt.Fprintf(digest, "%q %s\n", name, content)
		return err
	})
	return hex.EncodeToString(digest.Sum(nil)), err
}

func contentOf(file string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	at := strings.Join([]string{file, info.ModTime().String(), fmt.Sprint(info.Size())}, "\n")
	if content, is := known.Load(at); is {
		return content.(string), nil
	}
	opened, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer opened.Close() //nolint:errcheck // It was only read.
	digest := sha256.New()
	if _, err := io.Copy(digest, opened); err != nil {
		return "", err
	}
	content := hex.EncodeToString(digest.Sum(nil))
	known.Store(at, content)
	return content, nil
}
