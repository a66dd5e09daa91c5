package strategies

import "time"

// Cap bounds the payload that a pump sends, when a receiver asked for that. What was
// sent has to be paid for, in time, before more is: over any stretch of time no more
// goes out than the rate allows, a batch, and what credit gives. A nil Cap bounds
// nothing.
//
// It is for one goroutine, and goes on from one run of a pump to the next.
type Cap struct {
	nsPerByte float64
	paid      int64 // when all that was sent is paid for
	held      time.Duration
}

const (
	// capped is the most time that a batch may take to be paid for, unless it is one
	// message: little against the second that a receiver measures a rate over.
	capped = 20 * time.Millisecond
	// nap is the longest sleep while a pump is ahead of its cap, after which it looks
	// at what the kernel has released, and at its Halt.
	nap = time.Millisecond
	// credit is how far a pump may catch up with what it overslept.
	credit = 2 * time.Millisecond
)

// NewCap returns a cap of so many bytes a second, more than 0.
func NewCap(bytesPerSecond int64) *Cap { return &Cap{nsPerByte: 1e9 / float64(bytesPerSecond)} }

// Held is how long the cap made the last run of a pump wait.
func (c *Cap) Held() time.Duration {
	if c == nil {
		return 0
	}
	return c.held
}

// begin starts a run, without credit from the time before it.
func (c *Cap) begin() {
	if c != nil {
		c.held, c.paid = 0, max(c.paid, Now())
	}
}

// batch is how many messages of a size may go at once, of n: at least one.
func (c *Cap) batch(n, size int) int {
	if c == nil {
		return n
	}
	return max(1, min(n, int(float64(capped)/c.nsPerByte/float64(size))))
}

// spend notes that so many bytes are about to be sent.
func (c *Cap) spend(bytes int) {
	if c != nil {
		c.paid = max(c.paid, Now()-int64(credit)) + int64(float64(bytes)*c.nsPerByte)
	}
}

// ahead is how long it takes until all that was sent is paid for.
func (c *Cap) ahead() time.Duration {
	if c == nil {
		return 0
	}
	return time.Duration(max(0, c.paid-Now()))
}

// wait sleeps for a time, or until there is something else to look at.
func (c *Cap) wait(ahead time.Duration) {
	start := Now()
	time.Sleep(min(ahead, nap))
	c.held += time.Duration(Now() - start)
}
