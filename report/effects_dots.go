package report

import "fmt"

// effectsBody shows what each NIC profile does to each strategy, on one scale. The noise
// floor is that of both profiles together, the same for all strategies of one.
func effectsBody(list []settingEffect, styles map[string]look) (dotsBody, bool) {
	b := dotsBody{across: 2}
	for _, e := range list {
		p := newDotPanel(fmt.Sprintf("%s, as a ratio to %s", printable(e.profile), printable(e.reference)), true)
		for _, one := range e.effects {
			if finite(one.Floor) {
				p.floor = max(p.floor, one.Floor)
			}
			p.add(dot{name: one.Cell.Strategy, look: styles[one.Cell.Strategy], Interval: one.Ratio, mark: rateMark(one.Verdict)})
		}
		if len(p.dots) > 0 {
			b.panels = append(b.panels, p)
		}
	}
	b.share()
	return b, len(b.panels) > 0
}
