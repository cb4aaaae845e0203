package parts

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// meter shows how far a build is: one line that changes on a terminal, a line every ten seconds in a log. A build that
// is over within a second shows nothing.
type meter struct {
	out      io.Writer
	terminal bool
	name     string
	start    time.Time
	done     chan struct{}
	stopped  sync.WaitGroup

	sync.Mutex
	phase                   string
	built, total, downloads int
	building, shown         bool
}

func newMeter(out io.Writer, name string) *meter {
	m := &meter{out: out, name: name, start: time.Now(), done: make(chan struct{})}
	every := 10 * time.Second
	if file, ok := out.(*os.File); ok {
		if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			m.terminal, every = true, time.Second
		}
	}
	m.stopped.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-m.done:
				return
			case <-tick.C:
				m.show()
			}
		}
	})
	return m
}

// say names what is being done now.
func (m *meter) say(phase string) {
	m.Lock()
	defer m.Unlock()
	m.phase = phase
}

// expect says how many packages will be compiled.
func (m *meter) expect(total int) {
	m.Lock()
	defer m.Unlock()
	m.phase, m.total, m.downloads, m.building = "", total, 0, true
}

// read takes a line of the go command's and reports whether it was about progress.
func (m *meter) read(line string) bool {
	m.Lock()
	defer m.Unlock()
	switch {
	case strings.HasPrefix(line, "go: downloading "):
		m.downloads++
	case m.building && line != "" && !strings.ContainsAny(line, " :#\t"):
		m.built++
	default:
		return false
	}
	return true
}

func (m *meter) show() {
	m.Lock()
	defer m.Unlock()
	m.shown = true
	line := fmt.Sprintf("building %s  %s  %s", m.name, m.state(), time.Since(m.start).Round(time.Second))
	if m.terminal {
		fmt.Fprintf(m.out, "\r\033[K%s", line)
		return
	}
	fmt.Fprintln(m.out, line)
}

func (m *meter) state() string {
	switch {
	case m.downloads > 0:
		return fmt.Sprintf("%d modules downloaded", m.downloads)
	case m.phase != "":
		return m.phase
	case m.built >= m.total:
		return "linking"
	default:
		return fmt.Sprintf("%d/%d packages", m.built, m.total)
	}
}

// stop ends the display with the time the build took.
func (m *meter) stop() {
	close(m.done)
	m.stopped.Wait()
	if !m.shown {
		return
	}
	if m.terminal {
		fmt.Fprint(m.out, "\r\033[K")
	}
	fmt.Fprintf(m.out, "built %s in %s\n", m.name, time.Since(m.start).Round(time.Second))
}
