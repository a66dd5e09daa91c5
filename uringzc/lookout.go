//go:build linux

package uringzc

import "sync/atomic"

// lookout decides whether it pays to look out for something rather than to sleep
// at once. Where the other side has a processor, what is looked for is there in
// less time than a wake-up takes. Where it has to wait for one, the look-out keeps
// that from it: each one in vain lets twice as many be left out as the one before,
// up to maxSkips.
type lookout struct {
	skips atomic.Int32 // to be left out
	vain  atomic.Int32 // how many are left out after one in vain
	never bool         // there is one processor only
}

const maxSkips = 255

// pays says whether to look out now. Racing callers may be told wrong by one.
func (l *lookout) pays() bool {
	if l.never {
		return false
	}
	if l.skips.Load() <= 0 {
		return true
	}
	l.skips.Add(-1)
	return false
}

// ended tells whether a look-out has found what it was for.
func (l *lookout) ended(found bool) {
	vain := l.vain.Load()
	switch {
	case found && vain != 0:
		l.vain.Store(vain / 2)
	case !found && l.skips.Load() <= 0: // those that end together count once
		vain = min(2*vain+1, maxSkips)
		l.vain.Store(vain)
		l.skips.Store(vain)
	}
}
