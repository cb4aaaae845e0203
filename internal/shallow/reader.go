// Package shallow makes JSON fit for parsers, which stop at 10,000 levels of nesting and then give up everything they read. An object
// that the API server has stored with almost as many levels has more of them within a list or an event, so that one object would
// make the list of all unreadable. Here what is nested too deeply becomes empty, and all else stays as it is. It knows brackets and
// strings, and nothing of what they mean.
package shallow

import (
	"bytes"
	"io"
)

// Limit is how many levels are kept. No schema of Kubernetes or of Flux is as deep, and what has no schema is rarely above a dozen.
const Limit = 1000

// Reader reads JSON, of which each list and each object that is nested below Limit is empty. It neither looks for faults in JSON nor mends any.
// It keeps nothing of what it read.
type Reader struct {
	from io.Reader
	// depth is within how many lists and objects the next byte is.
	depth int
	// text is that the next byte is within a string, and escaped that a backslash is before it.
	text, escaped bool
	// written is how many bytes have been returned, and emptied the ends of what was emptied among them, in order.
	written int64
	emptied []int64
}

// NewReader returns a Reader of what another reads.
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

// EmptiedBefore reports whether something was emptied before that many bytes and after those of the last call.
func (r *Reader) EmptiedBefore(bytes int64) bool {
	n := 0
	for n < len(r.emptied) && r.emptied[n] <= bytes {
		n++
	}
	r.emptied = append(r.emptied[:0], r.emptied[n:]...)
	return n > 0
}

// keep moves what is kept to the front, and returns how many bytes that are.
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

// run returns how many bytes come before the next bracket.
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

// string returns how many bytes come before the end of the string, its quotation mark included.
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

// structure takes up a bracket, and reports whether it is kept.
func (r *Reader) structure(bracket byte) bool {
	if bracket == '{' || bracket == '[' {
		r.depth++
		return r.depth <= Limit+1
	}
	r.depth = max(0, r.depth-1) // a fault of who wrote it, of which the parser tells
	return r.depth <= Limit
}

// noted notes that a list or an object that ends there was emptied. Between two of different objects come more brackets than Limit, so what is
// nearer belongs to the same, and all of an object need no more than a thousandth of its size.
func (r *Reader) noted(end int64) {
	if last := len(r.emptied) - 1; last >= 0 && end-r.emptied[last] < Limit {
		r.emptied[last] = end
		return
	}
	r.emptied = append(r.emptied, end)
}
