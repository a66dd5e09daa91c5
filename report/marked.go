package report

import (
	"fmt"
	"regexp"
	"slices"

	"sendbench/runner/results"
)

// rowMarks are those of a row whose figures need a second look.
func rowMarks(r results.Row) string {
	marks := ""
	if doubtful(r) {
		marks += " !"
	}
	if drifts(r) {
		marks += " ~"
	}
	return marks
}

// doubtful reports whether more than a quarter of a row's rounds carry warnings,
// or some are invalid.
func doubtful(r results.Row) bool { return 4*r.Warned > r.Rounds || r.Invalid > 0 }

// marked counts the rows that a mark is for.
func marked(s *results.Summary, why func(results.Row) bool) int {
	n := 0
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			if why(r) {
				n++
			}
		}
	}
	return n
}

// numbers are those in a warning, with the units of time.Duration.
var numbers = regexp.MustCompile(`[0-9]+(\.[0-9]+)?(ns|µs|ms|s)?`)

// warnings are what trials warned of and why others are invalid, each once, with the
// strategies concerned. Of those that differ in figures alone there is the first.
func warnings(s *results.Summary) []string {
	type kind struct {
		first      string
		texts      map[string]bool
		strategies []string
	}
	var order []string
	kinds := make(map[string]*kind)
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			said := slices.Clone(r.Warnings)
			for _, e := range r.Errors {
				said = append(said, "invalid: "+e)
			}
			for _, w := range said {
				key := numbers.ReplaceAllString(w, "0")
				k := kinds[key]
				if k == nil {
					k = &kind{first: w, texts: make(map[string]bool)}
					kinds[key] = k
					order = append(order, key)
				}
				k.texts[w] = true
				k.strategies = addOnce(k.strategies, printable(r.Strategy))
			}
		}
	}
	out := make([]string, len(order))
	for i, key := range order {
		k := kinds[key]
		out[i] = join(k.strategies, "and") + ": " + sentence(k.first)
		if n := len(k.texts); n > 1 {
			out[i] += fmt.Sprintf(" The first of %d that differ in their figures.", n)
		}
	}
	return out
}
