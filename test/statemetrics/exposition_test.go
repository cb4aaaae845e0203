package statemetrics

import (
	"errors"
	"io"
	"slices"
	"strings"

	. "github.com/onsi/gomega"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// The formats that Prometheus asks for.
const (
	text        = "text/plain"
	openMetrics = "application/openmetrics-text;version=1.0.0"
)

// exposition is what was scraped, by family: its lines as they are, those of series in order.
type exposition struct {
	families []string
	comments map[string][]string
	series   map[string][]string
}

// read takes an exposition apart with Prometheus's own parser, which is to understand all of it.
func read(scraped []byte, format string) (*exposition, error) {
	parser, err := textparse.New(scraped, format, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		return nil, err
	}
	e := &exposition{comments: map[string][]string{}, series: map[string][]string{}}
	for {
		kind, err := parser.Next()
		switch {
		case errors.Is(err, io.EOF):
			return e, nil
		case err != nil:
			return nil, err
		case kind == textparse.EntryHelp:
			name, help := parser.Help()
			e.comment(string(name), "# HELP "+string(name)+" "+string(help))
		case kind == textparse.EntryType:
			name, is := parser.Type()
			e.comment(string(name), "# TYPE "+string(name)+" "+string(is))
		case kind == textparse.EntrySeries:
			series, _, value := parser.Series()
			name, _, _ := strings.Cut(string(series), "{")
			e.family(name)
			e.series[name] = append(e.series[name], string(series)+" "+map[float64]string{0: "0", 1: "1"}[value])
		}
	}
}

func (e *exposition) family(name string) {
	if !slices.Contains(e.families, name) {
		e.families = append(e.families, name)
	}
}

func (e *exposition) comment(name, line string) {
	e.family(name)
	e.comments[name] = append(e.comments[name], line)
}

// flux is all about families whose names begin so.
func (e *exposition) flux(prefix string) string {
	var lines []string
	slices.Sort(e.families)
	for _, name := range e.families {
		if strings.HasPrefix(name, prefix) {
			slices.Sort(e.series[name])
			lines = append(append(lines, e.comments[name]...), e.series[name]...)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// scraped scrapes and reads.
func (p *process) scraped(g Gomega, format string) *exposition {
	answer, err := p.scrape(format)
	g.Expect(err).NotTo(HaveOccurred())
	e, err := read(answer, format)
	g.Expect(err).NotTo(HaveOccurred())
	return e
}
