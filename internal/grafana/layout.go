package grafana

const (
	gridColumns = 24
	rowHeight   = 1
)

// layOut places the rows from top to bottom and their panels from left to right, and numbers them from 1 on. A panel
// that does not fit beside the others goes under the highest of them.
func layOut(rows []Row) []object {
	grid := grid{panels: []object{}}
	for _, r := range rows {
		grid.row(r)
	}
	return grid.panels
}

// grid is what has been placed so far: the next panel goes to x, y unless it is too wide; below is the first free line.
type grid struct {
	panels      []object
	x, y, below int
}

func (g *grid) row(r Row) {
	if r.Title != "" {
		g.wrap()
		heading := object{"type": "row", "title": r.Title, "collapsed": false, "panels": []any{}}
		g.place(heading, gridColumns, rowHeight)
	}
	for _, p := range r.Panels {
		width, height := p.Kind.size()
		if p.Width > 0 {
			width = min(p.Width, gridColumns)
		}
		g.place(p.model(), width, height)
	}
	g.wrap()
}

func (g *grid) place(model object, width, height int) {
	if g.x+width > gridColumns {
		g.wrap()
	}
	model["id"] = len(g.panels) + 1
	model["gridPos"] = object{"x": g.x, "y": g.y, "w": width, "h": height}
	g.panels = append(g.panels, model)
	g.x += width
	g.below = max(g.below, g.y+height)
}

// wrap begins a new line.
func (g *grid) wrap() {
	g.x, g.y = 0, g.below
}
