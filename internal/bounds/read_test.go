package bounds

import (
	"io"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

type endless struct{}

func (endless) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = 'x'
	}
	return len(into), nil
}

func TestReadStopsAtTheLimit(t *testing.T) {
	g := NewWithT(t)
	text, err := Read(strings.NewReader("short"), Document)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(text)).To(Equal("short"))
	text, err = Read(io.LimitReader(endless{}, Document), Document)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(text).To(HaveLen(Document))
	_, err = Read(endless{}, Document)
	g.Expect(err).To(MatchError("it is longer than 3145728 bytes"))
}
