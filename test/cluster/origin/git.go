package main

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The kinds of Git objects, as a pack numbers them.
var packed = map[string]byte{"commit": 1, "tree": 2, "blob": 3}

// gitRepository serves a repository of one commit of these files on the branch main, as Git over HTTP fetches it.
func gitRepository(files map[string]string) (http.Handler, error) {
	var p pack
	tree := p.tree(files)
	const author = "origin <origin@example.com> 1767225600 +0000"
	commit := p.add("commit", fmt.Appendf(nil, "tree %x\nauthor %s\ncommitter %s\n\nhello\n", tree, author, author))
	content, err := p.encode()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /info/refs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
		io.WriteString(w, line("# service=git-upload-pack\n")+flush+ //nolint:errcheck // The client is gone.
			line(fmt.Sprintf("%x HEAD\x00shallow symref=HEAD:refs/heads/main\n", commit))+line(fmt.Sprintf("%x refs/heads/main\n", commit))+flush)
	})
	mux.HandleFunc("POST /git-upload-pack", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		asked, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if bytes.Contains(asked, []byte("deepen ")) {
			io.WriteString(w, flush) //nolint:errcheck // So it is with the next ones. The only commit has no parents to cut off.
		}
		if bytes.Contains(asked, []byte(line("done\n"))) {
			io.WriteString(w, line("NAK\n")) //nolint:errcheck
			w.Write(content)                 //nolint:errcheck
		}
	})
	return mux, nil
}

// flush ends a list of lines.
const flush = "0000"

// line is a line of Git's protocol.
func line(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }

// pack is a Git pack in the making.
type pack struct {
	objects []object
}

type object struct {
	kind    byte
	content []byte
}

// add adds an object and returns its name.
func (p *pack) add(kind string, content []byte) [sha1.Size]byte {
	p.objects = append(p.objects, object{packed[kind], content})
	return sha1.Sum(append(fmt.Appendf(nil, "%s %d\x00", kind, len(content)), content...))
}

// tree adds a tree of files, by path, and returns its name.
func (p *pack) tree(files map[string]string) [sha1.Size]byte {
	entries, folders := map[string]string{}, map[string]map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		folder, rest, inside := strings.Cut(path, "/")
		if !inside {
			sum := p.add("blob", []byte(files[path]))
			entries[path] = fmt.Sprintf("100644 %s\x00%s", path, sum[:])
			continue
		}
		if folders[folder] == nil {
			folders[folder] = map[string]string{}
		}
		folders[folder][rest] = files[path]
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		sum := p.tree(folders[folder])
		entries[folder+"/"] = fmt.Sprintf("40000 %s\x00%s", folder, sum[:]) // Git sorts a folder as if its name ended so.
	}
	var tree bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		tree.WriteString(entries[name])
	}
	return p.add("tree", tree.Bytes())
}

// encode writes the objects as a pack.
func (p *pack) encode() ([]byte, error) {
	out := bytes.NewBufferString("PACK")
	out.Write(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 2), uint32(len(p.objects))))
	for _, o := range p.objects {
		// The first byte has four bits of the size, each other one seven; the highest says that another follows.
		size, first := len(o.content)>>4, o.kind<<4|byte(len(o.content)&0xf)
		for ; size > 0; size >>= 7 {
			out.WriteByte(first | 0x80)
			first = byte(size & 0x7f)
		}
		out.WriteByte(first)
		z := zlib.NewWriter(out)
		if _, err := z.Write(o.content); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
	}
	sum := sha1.Sum(out.Bytes())
	out.Write(sum[:])
	return out.Bytes(), nil
}
