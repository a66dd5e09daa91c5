package report

import (
	"fmt"

	"sendbench/runner/results"
)

// biasNotices say where the baseline differs from itself: what tells two visits of
// one strategy apart tells others apart too.
func biasNotices(s *results.Summary) []string {
	var cells []string
	list := settings(s)
	for _, st := range list {
		for _, w := range st.walks {
			for _, g := range w.groups {
				if g.AAVerdict == results.Faster || g.AAVerdict == results.Slower {
					cells = append(cells, fmt.Sprintf("%s, by a ratio of %s (%s)", place(st, w, g.Cell.Size), figure(g.AA.Center), between(g.AA, figure)))
				}
			}
		}
	}
	if len(cells) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("The baseline, %s, differs from itself at %s: figures there are biased by about that much.",
		printable(s.Run.Plan.Baseline), someOf(cells, "; "))}
}

// place names a group in a sentence.
func place(st setting, w walk, size int) string {
	return fmt.Sprintf("%s with %s buffers under NIC profile %s", sizeText(size), w.kind(), st.name)
}
