// Package shallow flattens JSON for parsers that fail at 10,000 levels of nesting. An object that the API server has
// stored with almost as many levels has more of them within a list or an event, so one object would make the whole
// list unreadable. Lists and objects below a limit become empty, everything else stays. The package knows brackets
// and strings, and not what they mean.
package shallow

import (
	"bytes"
	"io"
)

// Limit is how many levels are kept. No schema of Kubernetes or Flux is as deep, and what has no schema rarely
// exceeds a dozen.
const Limit = 1000

// Reader reads JSON and empties each list and object below Limit. It does not validate JSON, and keeps nothing of
// what it read.
type Reader struct {
	from io.Reader
	// depth of the next byte.
	depth int
	// text: the next byte is within a string. escaped: it follows a backslash.
	text, escaped bool
	// written is how many bytes have been returned, and emptied the offsets at which something was emptied, in order.
	written int64
	emptied []int64
}

// NewReader returns a Reader of another one.
func NewReader(from io.Reader) *Reader { return &Reader{from: from} }

// Read satisfies io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	for {
		n, err := r.from.Read(p)
		kept := r.keep(p[:n])
		r.written += int64(kept)
		if kept > 0 || err != nil || n == 0 {
			return kept, err
		}
	}
}

// EmptiedBefore reports whether something was emptied before this offset, and after that of the last call.
func (r *Reader) EmptiedBefore(bytes int64) bool {
	n := 0
	for n < len(r.emptied) && r.emptied[n] <= bytes {
		n++
	}
	r.emptied = append(r.emptied[:0], r.emptied[n:]...)
	return n > 0
}

// keep moves what is kept to the front of the buffer, and returns its length.
func (r *Reader) keep(p []byte) int {
	to := 0
	for at := 0; at < len(p); {
		end := at + r.run(p[at:])
		if r.depth <= Limit {
			to += copy(p[to:], p[at:end])
		}
		if at = end; at == len(p) {
			break
		}
		if r.structure(p[at]) {
			p[to] = p[at]
			to++
			if r.depth == Limit && (p[at] == ']' || p[at] == '}') {
				r.noted(r.written + int64(to))
			}
		}
		at++
	}
	return to
}

// run returns the number of bytes before the next bracket.
func (r *Reader) run(p []byte) int {
	at := 0
	for at < len(p) {
		if r.text {
			at += r.string(p[at:])
			continue
		}
		switch p[at] {
		case '{', '[', '}', ']':
			return at
		case '"':
			r.text = true
		}
		at++
	}
	return at
}

// string returns the number of bytes up to the end of the string, including its quotation mark.
func (r *Reader) string(p []byte) int {
	at := 0
	for {
		n := bytes.IndexByte(p[at:], '"')
		within := p[at:]
		if n >= 0 {
			within = within[:n]
		}
		backslashes := len(within) - len(bytes.TrimRight(within, `\`))
		escaped := backslashes%2 == 1
		if backslashes == len(within) && r.escaped {
			escaped = !escaped
		}
		r.escaped = escaped && n < 0
		if n < 0 {
			return len(p)
		}
		if at += n + 1; !escaped {
			r.text = false
			return at
		}
	}
}

// structure handles a bracket, and reports whether it is kept.
func (r *Reader) structure(bracket byte) bool {
	if bracket == '{' || bracket == '[' {
		r.depth++
		return r.depth <= Limit+1
	}
	r.depth = max(0, r.depth-1) // unbalanced brackets are the parser's to report
	return r.depth <= Limit
}

// noted records that something that ends here was emptied. Between two such ends of different objects are more than
// Limit brackets, so nearer ones are of one object and need no entry.
func (r *Reader) noted(end int64) {
	if last := len(r.emptied) - 1; last >= 0 && end-r.emptied[last] < Limit {
		r.emptied[last] = end
		return
	}
	r.emptied = append(r.emptied, end)
}
