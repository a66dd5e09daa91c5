package report

import "slices"

// places collect what holds of strategies at some sizes and with some uses of buffers, to
// be told together of those for which it is the same.
type places struct {
	strategies []string
	uses       map[string][]string // of buffers, all of a strategy's
	at         []spot
}

// spot is one use of buffers and the sizes in words, empty for all of them.
type spot struct{ strategy, use, where string }

// add takes in that a strategy has the sizes of pick, of those listed, in one use of
// buffers. A note follows the sizes.
func (p *places) add(strategy, use string, sizes []int, pick func(size int) bool, note string) {
	if p.uses == nil {
		p.uses = make(map[string][]string)
	}
	p.strategies, p.uses[strategy] = addOnce(p.strategies, strategy), append(p.uses[strategy], use)
	switch where := sizesWhere(sizes, func(i int) bool { return pick(sizes[i]) }); {
	case where == "":
	case slices.ContainsFunc(sizes, func(size int) bool { return !pick(size) }):
		p.at = append(p.at, spot{strategy, use, " at " + where + note})
	default:
		p.at = append(p.at, spot{strategy, use, note})
	}
}

// lines are the strategies with their sizes, and uses of buffers, where these aren't all:
// sendmmsg-zc and uring-sendzc at 16 KiB with cold stamped buffers.
func (p *places) lines() []string {
	var wheres []string
	who := make(map[string][]string)
	for _, name := range p.strategies {
		uses := make(map[string][]string) // by sizes
		var own []string
		for _, at := range p.at {
			if at.strategy == name {
				own, uses[at.where] = addOnce(own, at.where), append(uses[at.where], at.use)
			}
		}
		for _, where := range own {
			said := where
			if of := uses[where]; len(of) < len(p.uses[name]) {
				said += " with " + join(of, "and") + " buffers"
			}
			wheres = addOnce(wheres, said)
			who[said] = append(who[said], printable(name))
		}
	}
	out := make([]string, len(wheres))
	for i, where := range wheres {
		out[i] = join(who[where], "and") + where
	}
	return out
}
