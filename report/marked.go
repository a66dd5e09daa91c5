package report

import (
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

// warnings are what trials warned of and why others are invalid, each once, with
// the strategies concerned.
func warnings(s *results.Summary) []string {
	var texts []string
	by := make(map[string][]string)
	for _, g := range s.Groups {
		for _, r := range g.Rows {
			said := slices.Clone(r.Warnings)
			for _, e := range r.Errors {
				said = append(said, "invalid: "+e)
			}
			for _, w := range said {
				if by[w] == nil {
					texts = append(texts, w)
				}
				by[w] = addOnce(by[w], printable(r.Strategy))
			}
		}
	}
	out := make([]string, len(texts))
	for i, w := range texts {
		out[i] = join(by[w], "and") + ": " + sentence(w)
	}
	return out
}
