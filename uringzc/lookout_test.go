//go:build linux

package uringzc

import "testing"

func TestLookout(t *testing.T) {
	var l lookout
	// skipped counts how many look-outs are left out before the next.
	skipped := func() (n int) {
		for !l.pays() {
			n++
		}
		return n
	}
	for i, want := range []int{1, 3, 7, 15, 31, 63, 127, 255, 255} {
		l.ended(false)
		l.ended(false) // in vain at the same time: nothing new
		if got := skipped(); got != want {
			t.Errorf("after %d in vain: %d left out, want %d", i+1, got, want)
		}
	}
	for range 8 {
		l.ended(true)
		if got := skipped(); got != 0 {
			t.Errorf("%d left out after one that found something", got)
		}
	}
	l.ended(false)
	if got := skipped(); got != 1 {
		t.Errorf("%d left out, want 1: it had paid for long enough", got)
	}
	if l := (lookout{never: true}); l.pays() {
		t.Error("it pays to look out on the only processor")
	}
}
