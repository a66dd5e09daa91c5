package results

import (
	"slices"
	"testing"
)

// TestDiscoveries has the p-values of Benjamini and Hochberg's own example (1995,
// section 3.2), of which four are found at 0.05: the fourth, 0.0095, is below
// 4/15*0.05 = 0.013.
func TestDiscoveries(t *testing.T) {
	published := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	reversed := slices.Clone(published)
	slices.Reverse(reversed)
	for _, tt := range []struct {
		name string
		ps   []float64
		want []bool
	}{
		{"published", published, append(slices.Repeat([]bool{true}, 4), make([]bool, 11)...)},
		{"in another order", reversed, append(make([]bool, 11), slices.Repeat([]bool{true}, 4)...)},
		{"all by the last", []float64{0.05, 0.04, 0.045}, []bool{true, true, true}},
		{"none", []float64{0.06, 0.026}, []bool{false, false}},
		{"nothing", nil, []bool{}},
	} {
		if got := discoveries(tt.ps, 0.05); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
