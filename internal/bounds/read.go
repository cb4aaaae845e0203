package bounds

import (
	"fmt"
	"io"
)

const (
	// File is how many bytes of a stream of documents are read: many times the objects of a large repository.
	File = 32 << 20
	// Document is how many bytes a document can have, which is the API server's limit for a request. Reading it can
	// take a hundred times as much memory.
	Document = 3 << 20
)

// Read reads all of a stream, or returns an error if it is longer than the limit.
func Read(stream io.Reader, most int) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(stream, int64(most)+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("it is longer than %d bytes", most)
	}
	return text, err
}
