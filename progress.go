//go:build linux

package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar with the time left, on a terminal, and nothing elsewhere.
type progress struct {
	bar *progressbar.ProgressBar
	off bool
}

func newProgress(quiet bool) *progress {
	return &progress{off: quiet || !term.IsTerminal(int(os.Stderr.Fd()))}
}

// show draws the bar. The first call may come late in a resumed run, from where
// the bar starts then; the total grows in one that has a precision to reach.
func (p *progress) show(done, total int) {
	if p.off {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(os.Stderr),
			progressbar.OptionSetDescription("trials"),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetElapsedTime(true),
			progressbar.OptionThrottle(200*time.Millisecond),
			progressbar.OptionUseANSICodes(true),
			progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish(),
		)
	}
	if p.bar.GetMax() != total {
		p.bar.ChangeMax(total)
	}
	_ = p.bar.Set(done)
}

// end takes the bar off the screen.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
