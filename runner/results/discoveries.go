package results

import "slices"

// discoveries are the p-values of which it can be said that at most that share of them
// is there by chance (Benjamini and Hochberg, J. R. Statist. Soc. B 57, 1995): the
// smallest k of m, for the largest k whose greatest is at most share*k/m. Where nothing
// is true of any, that is also how often there are any at all.
func discoveries(ps []float64, share float64) []bool {
	sorted := slices.Sorted(slices.Values(ps))
	limit := -1.0
	for i, p := range sorted {
		if p <= share*float64(i+1)/float64(len(ps)) {
			limit = p
		}
	}
	found := make([]bool, len(ps))
	for i, p := range ps {
		found[i] = p <= limit
	}
	return found
}
