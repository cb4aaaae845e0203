package shallow_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/fluxmonitoring/operator/internal/shallow"
)

// nested is a value within that many lists.
func nested(levels int, value string) string {
	return strings.Repeat("[", levels) + value + strings.Repeat("]", levels)
}

func TestWhatIsNestedTooDeeplyIsEmpty(t *testing.T) {
	limit := nested(shallow.Limit, "%s")
	for name, c := range map[string]struct{ given, want string }{
		"as deep as it may be":             {fmt.Sprintf(limit, `"a",1`), fmt.Sprintf(limit, `"a",1`)},
		"a list below":                     {fmt.Sprintf(limit, `1,["a"],2`), fmt.Sprintf(limit, `1,[],2`)},
		"an object below":                  {fmt.Sprintf(limit, `{"a":{"b":[1]}}`), fmt.Sprintf(limit, `{}`)},
		"several below":                    {fmt.Sprintf(limit, `[1],{"a":1},[],[[]]`), fmt.Sprintf(limit, `[],{},[],[]`)},
		"brackets in strings are none":     {fmt.Sprintf(limit, `["]",3],"[",4`), fmt.Sprintf(limit, `[],"[",4`)},
		"quotation marks that are escaped": {fmt.Sprintf(limit, `["\"]\\",["]"],3],"\\","\"["`), fmt.Sprintf(limit, `[],"\\","\"["`)},
		"events of a watch, one by one":    {fmt.Sprintf(limit, `[1]`) + "\n" + `{"a":[1]}` + "\n", fmt.Sprintf(limit, `[]`) + "\n" + `{"a":[1]}` + "\n"},
		"what nobody can read":             {nested(1_000_000, ""), nested(shallow.Limit+1, "")},
		"more ends than beginnings":        {`]]]}{"a":[1]}`, `]]]}{"a":[1]}`},
		"it breaks off":                    {nested(shallow.Limit+2, "1")[:shallow.Limit+3], strings.Repeat("[", shallow.Limit+1)},
		"nothing":                          {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			got, err := io.ReadAll(shallow.NewReader(strings.NewReader(c.given)))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(got) == c.want).To(BeTrue(), "%.3000s", got)
			bytewise, err := io.ReadAll(shallow.NewReader(iotest.OneByteReader(strings.NewReader(c.given))))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(string(bytewise) == c.want).To(BeTrue(), "byte by byte: %.3000s", bytewise)
		})
	}
}

func TestWhatIsNotDeepStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOf(rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune(`\"[]{}`)), 0, 9, -1))).Draw(rt, "texts")
		content, err := json.Marshal(map[string]any{"a": texts, "b": []any{map[string]any{"c": texts}, 1.5, nil}})
		if err != nil {
			rt.Fatal(err)
		}
		got, err := io.ReadAll(shallow.NewReader(iotest.HalfReader(bytes.NewReader(content))))
		if err != nil || string(got) != string(content) {
			rt.Fatalf("%q, %v instead of %q", got, err, content)
		}
	})
}

func TestWhereSomethingWasEmptiedIsKnown(t *testing.T) {
	g := NewWithT(t)
	deep := fmt.Sprintf(nested(shallow.Limit, "%s"), "[1],[2]")
	r := shallow.NewReader(strings.NewReader(`{"a":[1]}` + deep + `{"a":[2]}` + deep + `{"a":[3]}`))
	all, err := io.ReadAll(r)
	g.Expect(err).NotTo(HaveOccurred())
	one := int64(len(deep) - 2)
	g.Expect(r.EmptiedBefore(9)).To(BeFalse())
	g.Expect(r.EmptiedBefore(9 + one)).To(BeTrue())
	g.Expect(r.EmptiedBefore(18+one)).To(BeFalse(), "each is told of once")
	g.Expect(r.EmptiedBefore(int64(len(all)))).To(BeTrue())
	g.Expect(r.EmptiedBefore(int64(len(all)))).To(BeFalse())
}

// FuzzReader holds that whatever is read is never more than was sent, and never deeper than what may be.
func FuzzReader(f *testing.F) {
	f.Add([]byte(nested(1100, `"\\\"]"`)))
	f.Add([]byte(`{"a":[{"b":"\\"},1],"c":"[{"}`))
	f.Fuzz(func(t *testing.T, given []byte) {
		got, err := io.ReadAll(shallow.NewReader(iotest.HalfReader(bytes.NewReader(given))))
		if err != nil || len(got) > len(given) {
			t.Fatalf("%d bytes of %d, %v", len(got), len(given), err)
		}
		if again, _ := io.ReadAll(shallow.NewReader(bytes.NewReader(got))); !bytes.Equal(again, got) {
			t.Fatalf("%q read again is %q", got, again)
		}
		if json.Valid(given) && !json.Valid(got) {
			t.Fatalf("%q is no JSON, %q is", got, given)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	content := []byte(`{"items":[` + strings.Repeat(`{"metadata":{"name":"a-name","labels":{"a":"b"}},"spec":{"interval":"10m0s","path":"./apps"}},`, 10000) + `1]}`)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		_, _ = io.Copy(io.Discard, shallow.NewReader(bytes.NewReader(content)))
	}
}
