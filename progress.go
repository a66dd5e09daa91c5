//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressEvery is how often progress is told in lines.
const progressEvery = 15 * time.Second

// progress tells how far a run is: by a bar with the time left on a terminal, and in a
// line now and then elsewhere.
type progress struct {
	bar    *progressbar.ProgressBar
	lines  io.Writer // nil on a terminal
	budget time.Duration
	now    func() time.Time
	off    bool

	first    int // trials that were done when the first was told of
	begun    time.Time
	lastTold time.Time
}

// newProgress is for a run of that budget at most.
func newProgress(quiet bool, budget time.Duration) *progress {
	p := &progress{off: quiet, budget: budget, now: time.Now}
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		p.lines = os.Stderr
	}
	return p
}

// show tells that so many trials are done. The first call may come late in a resumed
// run, from where the bar starts then; the total grows in one that has a precision to
// reach.
func (p *progress) show(done, total int) {
	switch {
	case p.off:
	case p.lines != nil:
		p.line(done, total)
	default:
		p.draw(done, total)
	}
}

func (p *progress) line(done, total int) {
	now := p.now()
	switch {
	case p.begun.IsZero():
		p.begun, p.lastTold, p.first = now, now, done
		noun, before := "trials", ""
		if total == 1 {
			noun = "trial"
		}
		if done > 1 {
			before = fmt.Sprintf(", of which %d are done", done-1)
		}
		fmt.Fprintf(p.lines, "sendbench: measuring %d %s%s, for at most %s\n", total, noun, before, p.budget)
	case now.Sub(p.lastTold) >= progressEvery && done < total:
		p.lastTold = now
		each := now.Sub(p.begun) / time.Duration(max(1, done-p.first))
		left := min(each*time.Duration(total-done), max(0, p.budget-now.Sub(p.begun))).Round(time.Second)
		fmt.Fprintf(p.lines, "sendbench: %d of %d trials, about %s left\n", done, total, left)
	}
}

func (p *progress) draw(done, total int) {
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
