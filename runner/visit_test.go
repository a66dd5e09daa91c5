//go:build linux

package runner

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/results"
)

// TestVisit: each cell of a round has one trial, and an error of the worker is in
// one of them even if it came after the last.
func TestVisit(t *testing.T) {
	a, b, c := results.Cell{Size: 1}, results.Cell{Size: 2}, results.Cell{Size: 3}
	trial := func(c results.Cell, err string) results.Trial {
		return results.Trial{Round: 4, SuperRound: 2, Cell: c, Warnings: []string{"tap"}, Error: err}
	}
	for _, test := range []struct {
		name  string
		heard []results.Cell
		end   error
		want  []results.Trial
	}{
		{"whole", []results.Cell{a, b, c}, nil, []results.Trial{trial(a, ""), trial(b, ""), trial(c, "")}},
		{"cut", []results.Cell{a, b}, errors.New("killed"), []results.Trial{trial(a, ""), trial(b, "killed"), trial(c, "killed")}},
		{"not closed", []results.Cell{a, b, c}, errors.New("close"), []results.Trial{trial(a, ""), trial(b, ""), trial(c, "close")}},
		{"not begun", nil, errors.New("start"), []results.Trial{trial(a, "start"), trial(b, "start"), trial(c, "start")}},
	} {
		var got []results.Trial
		v := newVisit(Round{SuperRound: 2, Round: 4, Cells: []results.Cell{a, b, c}}, "tap", func(t results.Trial) error {
			got = append(got, t)
			return nil
		})
		for _, cell := range test.heard {
			if err := v.add(results.Trial{Round: 4, SuperRound: 2, Cell: cell}); err != nil {
				t.Error(err)
			}
		}
		if err := v.end(test.end); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}

	full := errors.New("no space left")
	v := newVisit(Round{Cells: []results.Cell{a, b}}, "", func(results.Trial) error { return full })
	_ = v.add(results.Trial{Cell: a})
	if err := v.add(results.Trial{Cell: b}); err != full {
		t.Errorf("the error from writing became %v", err)
	}
}
