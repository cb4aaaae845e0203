package statemetrics

import (
	"errors"
	"io"
	"maps"
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

// exposition has the lines of comments and of series by the name of their family.
type exposition struct{ comments, series map[string][]string }

// read reads an exposition with Prometheus's own parser.
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
			e.comments[string(name)] = append(e.comments[string(name)], "# HELP "+string(name)+" "+string(help))
		case kind == textparse.EntryType:
			name, is := parser.Type()
			e.comments[string(name)] = append(e.comments[string(name)], "# TYPE "+string(name)+" "+string(is))
		case kind == textparse.EntrySeries:
			series, _, value := parser.Series()
			name, _, _ := strings.Cut(string(series), "{")
			e.series[name] = append(e.series[name], string(series)+" "+map[float64]string{0: "0", 1: "1"}[value])
		}
	}
}

// flux has the families of Flux, sorted.
func (e *exposition) flux() string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(e.series)) {
		if strings.HasPrefix(name, "gotk_") {
			slices.Sort(e.series[name])
			lines = append(append(lines, e.comments[name]...), e.series[name]...)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// scraped is the exposition of kube-state-metrics.
func (p *process) scraped(g Gomega, format string) *exposition {
	answer, err := p.scrape(format)
	g.Expect(err).NotTo(HaveOccurred())
	e, err := read(answer, format)
	g.Expect(err).NotTo(HaveOccurred())
	return e
}
