package report

import (
	"image/color"
	"slices"

	"sendbench/runner/results"
)

// tone is a colour by the part that it plays. PNG files take its light value;
// SVG refers to it by name, so that one drawing serves a light and a dark page.
type tone struct {
	name        string
	light, dark uint32 // 0xRRGGBB
}

// RGBA makes a tone a color.Color: the light value, opaque.
func (t tone) RGBA() (r, g, b, a uint32) {
	return color.NRGBA{R: uint8(t.light >> 16), G: uint8(t.light >> 8), B: uint8(t.light), A: 0xff}.RGBA()
}

// Text in ink or soft keeps a contrast of at least 4.5 to paper, and text in ink
// to every tone of a heat map, light and dark (WCAG 2.2, 1.4.3).
var (
	ink   = tone{"ink", 0x1b1f24, 0xe8eaed}
	soft  = tone{"soft", 0x59616b, 0xa7aeb8}
	axis  = tone{"axis", 0x9aa1aa, 0x6b737d}
	grid  = tone{"grid", 0xe7e9ec, 0x2b3036}
	band  = tone{"band", 0xe9ebee, 0x2a2f36}
	paper = tone{"paper", 0xffffff, 0x15181c}
	hatch = tone{"hatch", 0xc9ced4, 0x434a53}
)

// The colours of Okabe and Ito (2008), told apart with any colour vision, with
// their black giving way to ink and their yellow, too pale for a line on white,
// to grey.
var hues = []tone{
	{"h0", 0x1b1f24, 0xe8eaed},
	{"h1", 0xe69f00, 0xe69f00},
	{"h2", 0x56b4e9, 0x56b4e9},
	{"h3", 0x009e73, 0x009e73},
	{"h4", 0xcc79a7, 0xcc79a7},
	{"h5", 0x0072b2, 0x2f8fd0},
	{"h6", 0xd55e00, 0xe3711a},
	{"h7", 0x8b929b, 0x8b929b},
}

// Steps away from a ratio of 1, the nearest first: blue for more, orange for
// less. Luminance falls in both directions alike, so the map reads in grey too
// beside its printed values.
var (
	above = []tone{
		{"up1", 0xe1eff9, 0x14293b},
		{"up2", 0xbfdcf1, 0x153652},
		{"up3", 0x98c8e9, 0x16456a},
		{"up4", 0x70b1df, 0x175480},
		{"up5", 0x4b9ad1, 0x1a6294},
	}
	below = []tone{
		{"dn1", 0xfdeddc, 0x33251b},
		{"dn2", 0xfbd8b3, 0x472e1a},
		{"dn3", 0xf6bf86, 0x5b3717},
		{"dn4", 0xefa45a, 0x714113},
		{"dn5", 0xe48a37, 0x874b10},
	}
)

// tones is every tone that a chart may use.
func tones() []tone {
	return slices.Concat([]tone{ink, soft, axis, grid, band, paper, hatch}, hues, above, below)
}

// look is how a strategy is drawn: colour and shape both tell it.
type look struct {
	hue   tone
	glyph glyph
}

// housed are the strategies whose look never changes, so that two reports can be
// held side by side whatever subset each has measured. The baseline is black.
var housed = []string{
	"write", "sendmmsg", "sendmmsg-zc", "uring-send", "uring-sendzc",
	"uring-sendzc-fixed", "uring-sendmsgzc", "uring-sendzc-sqpoll",
}

// housedHues gives related strategies hues that lie apart.
var housedHues = []int{0, 2, 5, 1, 6, 3, 4, 7}

// looks gives each strategy of a summary its look. Names that aren't housed take
// what is left in their order, without the baseline's black; looks come round
// again after some 70 strategies.
func looks(strategies []string) map[string]look {
	own := make([]look, len(housed))
	for i := range housed {
		own[i] = look{hues[housedHues[i]], glyphs[i%len(glyphs)]}
	}
	bright := hues[1:]
	var spare []look
	for i := range len(bright) * len(glyphs) {
		l := look{bright[i%len(bright)], glyphs[(len(glyphs)-1+i+i/len(bright))%len(glyphs)]}
		if !slices.ContainsFunc(own, func(o look) bool { return o.hue == l.hue && o.glyph.name == l.glyph.name }) {
			spare = append(spare, l)
		}
	}
	m := make(map[string]look, len(strategies))
	next := 0
	for _, s := range strategies {
		if i := slices.Index(housed, s); i >= 0 {
			m[s] = own[i]
			continue
		}
		m[s] = spare[next%len(spare)]
		next++
	}
	return m
}

// strategyNames lists the strategies of a summary in the plan's order; any that
// the plan doesn't name follow as they turn up.
func strategyNames(s *results.Summary) []string {
	var names []string
	seen := make(map[string]bool)
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, name := range s.Run.Plan.Strategies {
		add(name)
	}
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			add(r.Strategy)
		}
	}
	for _, u := range s.Unsupported {
		add(u.Cell.Strategy)
	}
	return names
}
