package bounds

import (
	"fmt"
	"io"
)

// File is how many bytes of a file or a stream are read: many times what the objects of a large repository take.
const File = 32 << 20

// Read returns all of a stream, or an error where it is longer than File.
func Read(stream io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(stream, File+1))
	if err == nil && len(text) > File {
		err = fmt.Errorf("it is longer than %d bytes", File)
	}
	return text, err
}
