package grafana

import "slices"

const (
	gridColumns   = 24
	headingHeight = 1
)

// layOut places the rows from top to bottom and their panels from left to right, and numbers them from 1 on. A panel
// that does not fit beside the others begins a new line under the highest of them, and a line that is not full is
// stretched to the grid's width.
func layOut(rows []Row) []object {
	g := grid{panels: []object{}}
	for _, r := range rows {
		if r.Title == "" {
			g.all(r.Panels)
			continue
		}
		heading := object{"type": "row", "title": r.Title, "collapsed": r.Collapsed, "panels": []object{}}
		g.line([]placed{{heading, gridColumns, headingHeight}})
		before := g
		g.all(r.Panels)
		if r.Collapsed {
			heading["panels"] = g.folded(before)
		}
	}
	return g.panels
}

// placed is a panel with the columns and rows it takes.
type placed struct {
	model         object
	width, height int
}

// lines breaks panels into lines no wider than the grid.
func lines(panels []Panel) [][]placed {
	var broken [][]placed
	used := gridColumns
	for _, p := range panels {
		width, height := p.Kind.size()
		if p.Width > 0 {
			width = min(p.Width, gridColumns)
		}
		if p.Height > 0 {
			height = p.Height
		}
		if used+width > gridColumns {
			broken, used = append(broken, nil), 0
		}
		last := len(broken) - 1
		broken[last] = append(broken[last], placed{p.model(), width, height})
		used += width
	}
	return broken
}

// grid is what has been placed so far, how many panels there are besides in collapsed rows, and the first free row of the grid.
type grid struct {
	panels []object
	hidden int
	y      int
}

// all places panels in lines.
func (g *grid) all(panels []Panel) {
	for _, line := range lines(panels) {
		g.line(line)
	}
}

// folded takes away what was placed since, and returns it. It keeps its numbers and places, and takes no place before it is opened.
func (g *grid) folded(before grid) []object {
	taken := g.panels[len(before.panels):]
	*g = grid{panels: slices.Clip(before.panels), hidden: g.hidden + len(taken), y: before.y}
	return taken
}

// line places panels side by side.
func (g *grid) line(panels []placed) {
	total, highest := 0, 0
	for _, p := range panels {
		total += p.width
		highest = max(highest, p.height)
	}
	left := 0 // columns of the panels so far, before they are stretched
	for _, p := range panels {
		x, end := left*gridColumns/total, (left+p.width)*gridColumns/total
		p.model["id"] = g.hidden + len(g.panels) + 1
		p.model["gridPos"] = object{"x": x, "y": g.y, "w": end - x, "h": p.height}
		g.panels = append(g.panels, p.model)
		left += p.width
	}
	g.y += highest
}
