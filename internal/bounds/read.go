package bounds

import (
	"fmt"
	"io"
)

const (
	// File is how many bytes of a stream of documents are read: many times what the objects of a large repository take.
	File = 32 << 20
	// Document is how many bytes one document may have that is read as a whole, which is what the API server takes in a request. Reading it may
	// take a hundred times as much memory.
	Document = 3 << 20
)

// Read returns all of a stream, or an error where it is longer than so many bytes.
func Read(stream io.Reader, most int) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(stream, int64(most)+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("it is longer than %d bytes", most)
	}
	return text, err
}
