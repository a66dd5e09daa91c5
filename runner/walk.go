//go:build linux

package runner

import "sendbench/runner/results"

// walk keeps where in its footprint the next trial starts, so that cold is cold
// across trials: each goes on where the last of its kind stopped, and a page is
// touched again only after all others.
//
// There are two kinds. A trial that reads or writes the payload, copying or
// filling it, moves it through the cache. One that only stamps it and has the
// kernel send from the page does not; if both shared one position, pages would
// be passed over without pushing anything out of the cache, and the next trial
// that copies would find them warm.
type walk struct{ at map[walkKey]int64 }

// walkKey also tells flows apart, which have a part each of the memory, as cells with
// more or fewer of them divide it.
type walkKey struct {
	footprint int64
	pages     string
	flow      int
	touches   bool
}

func newWalk() *walk { return &walk{map[walkKey]int64{}} }

func (w *walk) start(c results.Cell, flow int, touches bool) int64 {
	return w.at[walkKey{c.Footprint, c.Pages, flow, touches}]
}

func (w *walk) stopped(c results.Cell, flow int, touches bool, offset int64) {
	w.at[walkKey{c.Footprint, c.Pages, flow, touches}] = offset
}
