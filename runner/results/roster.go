package results

import "fmt"

// Bounds of what a record names. The default sweep has 8 strategies under 4 profiles,
// and whoever draws it has a line, a row or a chart for each.
const (
	maxStrategies = 1 << 8
	maxProfiles   = 1 << 8
	maxPaths      = 1 << 10
	maxName       = 1 << 12 // bytes: of a profile, the longest, it is some 80 settings
)

// roster is what the cells of a record are, wherever they stand in it, and what they
// name. A cell comes as often as it has rounds, and its names are held once.
type roster struct {
	cells      map[Cell]Cell
	paths      map[Cell]bool
	strategies map[string]bool
	profiles   map[string]bool
}

func newRoster() *roster {
	return &roster{map[Cell]Cell{}, map[Cell]bool{}, map[string]bool{}, map[string]bool{}}
}

// enter takes a cell in, and returns it with the names of the one that came first. The
// error says of what there are too many.
func (r *roster) enter(c Cell) (Cell, error) {
	if known, ok := r.cells[c]; ok {
		return known, nil
	}
	r.cells[c] = c
	r.paths[c.path()] = true
	r.strategies[c.Strategy] = true
	r.profiles[c.NIC] = true
	return c, r.check()
}

func (r *roster) check() error {
	for _, of := range []struct {
		what       string
		have, most int
	}{
		{"cells", len(r.cells), maxCells},
		{"strategies", len(r.strategies), maxStrategies},
		{"NIC profiles", len(r.profiles), maxProfiles},
		{"paths (profile, link, proto, family, connected, flows, segment, batch and rate)", len(r.paths), maxPaths},
	} {
		if of.have > of.most {
			return fmt.Errorf("more than %d %s; sweep a part of them at a time", of.most, of.what)
		}
	}
	return nil
}

// path is the cell without what goes over it: the path that packets take, for each of
// which charts are drawn.
func (c Cell) path() Cell {
	c = c.panel()
	c.Footprint, c.Pages, c.Fill = 0, "", ""
	return c
}

// enterPlan takes in what a plan lists, and gives its cells their names.
func (r *roster) enterPlan(p *Plan) error {
	for _, name := range p.Strategies {
		r.strategies[name] = true
	}
	for _, name := range p.Profiles {
		r.profiles[name] = true
	}
	if err := r.check(); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	for i, c := range p.Cells {
		var err error
		if p.Cells[i], err = r.enter(c); err != nil {
			return fmt.Errorf("plan.cells[%d]: %w", i, err)
		}
	}
	return nil
}

// checkNames bounds the names that a plan lists, each of which stands in a table, and
// how many it lists, however often each.
func (p *Plan) checkNames() error {
	for _, list := range []struct {
		field string
		names []string
		most  int
	}{
		{"plan.baseline", []string{p.Baseline}, 1},
		{"plan.strategies", p.Strategies, maxStrategies},
		{"plan.profiles", p.Profiles, maxProfiles},
	} {
		if len(list.names) > list.most {
			return fmt.Errorf("%s has %d names; there are %d at most", list.field, len(list.names), list.most)
		}
		for _, name := range list.names {
			if err := checkName(list.field, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkName(field, name string) error {
	if len(name) > maxName {
		return fmt.Errorf("%s has a name of %d bytes, %.20q…; the longest has %d", field, len(name), name, maxName)
	}
	return nil
}
