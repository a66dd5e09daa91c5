//go:build linux

package runner

import (
	"testing"
	"time"

	"sendbench/runner/link"
	"sendbench/runner/results"
)

// TestSlices: a trial that is long enough is looked at in as many stretches as its
// steadiness is judged by.
func TestSlices(t *testing.T) {
	r, l := rigOn(t, link.Sink, 4, "default")
	s, err := r.session(cellOn(l, "default", "write", 1400, 1472))
	if err != nil {
		t.Fatal(err)
	}
	// A machine that stalls for a stretch leaves one out: then there are none.
	for range 20 {
		st, err := r.stretch(s, cellOn(l, "default", "write", 1400, 1472), Limits{Length: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if rates := st.laps[0].pump.Rates(); rates != nil {
			if len(rates) != results.Slices {
				t.Errorf("%d stretches, and steadiness is judged by %d", len(rates), results.Slices)
			}
			return
		}
	}
	t.Error("no trial of 20 had stretches")
}
