package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// The escape sequences of a terminal that are used.
const (
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	cyan   = "\x1b[36m"
	normal = "\x1b[0m"
)

// screen is what the viewer sees. It is coloured on a terminal, unless NO_COLOR is set.
type screen struct {
	out      io.Writer
	coloured bool
}

func newScreen(out *os.File) *screen {
	info, err := out.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &screen{out: out, coloured: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func (s *screen) in(style, text string) string {
	if !s.coloured {
		return text
	}
	return style + text + normal
}

// title of the demo.
func (s *screen) title(text string) {
	fmt.Fprintf(s.out, "\n%s\n%s\n", s.in(bold, text), strings.Repeat("=", len(text)))
}

// heading of a scene.
func (s *screen) heading(number int, text string) {
	fmt.Fprintf(s.out, "\n%s\n", s.in(bold, fmt.Sprintf("%d. %s", number, text)))
}

// say explains what is shown next, or what was shown.
func (s *screen) say(text string) {
	fmt.Fprintf(s.out, "\n%s\n", text)
}

// doing names what the demo waits for.
func (s *screen) doing(text string) {
	fmt.Fprintf(s.out, "   %s\n", s.in(dim, "… "+text))
}

// step reports something set up, and how long it took.
func (s *screen) step(took time.Duration, format string, args ...any) {
	fmt.Fprintf(s.out, "   %s %s %s\n", s.in(green, "✓"), fmt.Sprintf(format, args...), s.in(dim, "("+short(took)+")"))
}

// measured reports something that happened, with the time it took.
func (s *screen) measured(format string, args ...any) {
	fmt.Fprintf(s.out, "   %s %s\n", s.in(green, "→"), s.in(bold, fmt.Sprintf(format, args...)))
}

// command as a person would type it.
func (s *screen) command(line string) {
	fmt.Fprintf(s.out, "\n   %s\n", s.in(cyan, "$ "+line))
}

// output of a command.
func (s *screen) output(text string) {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(s.out, strings.TrimRight("   "+line, " "))
	}
}

// done is the last word of a demo that went well.
func (s *screen) done(format string, args ...any) {
	fmt.Fprintf(s.out, "\n%s\n", s.in(bold+green, fmt.Sprintf(format, args...)))
}

// failed says what went wrong.
func (s *screen) failed(text string) {
	fmt.Fprintf(s.out, "\n%s %s\n", s.in(bold+red, "failed:"), text)
}

// short is a duration without digits that nobody reads.
func short(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
