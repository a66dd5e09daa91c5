package control

import (
	"fmt"
	"time"
)

// A session ends when its payload was above Tolerance times the agreed rate over a
// second, not counting Burst bytes: senders send in batches, and what a switch has
// held back comes at once.
const (
	Tolerance = 1.25
	Burst     = 32 << 20

	rateWindow   = time.Second
	rateInterval = 100 * time.Millisecond
)

// sample is how much had been received at a time.
type sample struct {
	at    time.Time
	bytes int64
}

// watch ends the session when it goes beyond what was agreed, or when the line of
// the sender that agreed on it ends, and then closes the receiver.
func (x *session) watch(lead *line) {
	agreed := x.agreement.Terms
	var timeUp <-chan time.Time
	if agreed.Seconds > 0 {
		timer := time.NewTimer(seconds(agreed.Seconds))
		defer timer.Stop()
		timeUp = timer.C
	}
	ticker := time.NewTicker(rateInterval)
	defer ticker.Stop()
	window := []sample{{x.began, 0}}
	for {
		select {
		case <-x.ctx.Done():
			x.closed = x.receiver.Close()
			return
		case <-lead.gone:
			x.end(lead.err)
		case <-timeUp:
			x.end(fmt.Errorf("the agreed %v are over", seconds(agreed.Seconds)))
		case now := <-ticker.C:
			window = append(window, sample{now, x.receiver.Received()})
			// The first is the last that is a window old or more.
			for len(window) > 1 && now.Sub(window[1].at) >= rateWindow {
				window = window[1:]
			}
			if rate, ok := excess(window, agreed.BitsPerSecond); ok {
				x.end(fmt.Errorf("%.3g Gbit/s of payload came over a second, agreed were %.3g", rate/1e9, float64(agreed.BitsPerSecond)/1e9))
			}
		}
	}
}

// excess tells whether more came in the window than agreed, and its rate in bit/s.
func excess(window []sample, agreed int64) (rate float64, ok bool) {
	first, last := window[0], window[len(window)-1]
	elapsed := last.at.Sub(first.at)
	if agreed == 0 || elapsed < rateWindow {
		return 0, false
	}
	bits := 8 * float64(last.bytes-first.bytes)
	return bits / elapsed.Seconds(), bits > Tolerance*float64(agreed)*elapsed.Seconds()+8*Burst
}

// seconds is a duration, at most some 290 years.
func seconds(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Second)
	return time.Duration(min(n, most)) * time.Second
}
