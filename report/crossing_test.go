package report

import (
	"testing"

	"sendbench/runner/results"
)

// sized is a walk of bare groups, one a size.
func sized(sizes ...int) walk {
	var w walk
	for _, s := range sizes {
		w.groups = append(w.groups, results.Group{Cell: results.Cell{Size: s}})
	}
	return w
}

func TestCrossing(t *testing.T) {
	const absent = standing(9)
	tests := []struct {
		name         string
		at           []standing
		where, below string
	}{
		{"in front throughout", []standing{1, 1, 1, 1}, "at every size from 1 B on", ""},
		{"decided at once", []standing{-1, -1, 1, 1}, "from 4 B on", "behind at 2 B"},
		{"undecided between", []standing{-1, 0, 0, 1}, "at 8 B", "behind at 1 B, undecided at 2 to 4 B"},
		{"undecided below", []standing{0, 0, 1, 1}, "from 4 B on", "undecided at 1 to 2 B"},
		{"in front for a while", []standing{1, -1, 1, 1}, "from 4 B on", "behind at 2 B"},
		{"lost at the end", []standing{-1, 1, 1, -1}, "not shown", "behind at 8 B, though ahead at 2 B"},
		{"never", []standing{-1, -1, 0, 0}, "not shown", "undecided at 8 B"},
		{"the smallest not measured", []standing{absent, 1, 1, 1}, "at every size from 2 B on", ""},
		{"one size", []standing{absent, absent, absent, 1}, "at 8 B", ""},
		{"none", []standing{absent, absent, absent, absent}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			where, below := crossing(sized(1, 2, 4, 8), func(i int) (standing, bool) {
				return tt.at[i], tt.at[i] != absent
			})
			if where != tt.where || below != tt.below {
				t.Errorf("%q, %q; want %q, %q", where, below, tt.where, tt.below)
			}
		})
	}
}
