//go:build linux

package runner

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

type walkKey struct {
	footprint int64
	touches   bool
}

func newWalk() *walk { return &walk{map[walkKey]int64{}} }

func (w *walk) start(footprint int64, touches bool) int64 { return w.at[walkKey{footprint, touches}] }

func (w *walk) stopped(footprint int64, touches bool, offset int64) {
	w.at[walkKey{footprint, touches}] = offset
}
