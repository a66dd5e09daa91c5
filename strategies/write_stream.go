//go:build linux

package strategies

import "time"

// writeStream is writeSender for a TCP socket, on which a write(2) that a signal or
// SO_SNDTIMEO ends is short: the next one goes on where it ended.
type writeStream struct {
	fd       int
	b        *Buffers
	t        *Tally
	patience patience
}

func (w *writeStream) Begin(b *Buffers, t *Tally) error {
	w.b, w.t = b, t
	w.patience.clock.reset()
	return nil
}

// Send looks at the clock as writeSender does.
func (w *writeStream) Send(first uint64, n int) error {
	var start int64
	paced := w.b.Paced()
	for i := range n {
		message := w.b.Filled(first + uint64(i))
		if paced || i == n-1 {
			start = Now()
		}
		if err := w.whole(message); err != nil {
			return err
		}
		if paced {
			w.b.Returned(1, start, Now())
		}
	}
	if !paced {
		w.b.Returned(n, start, Now())
	}
	return nil
}

// whole sends a message to its end.
func (w *writeStream) whole(rest []byte) error {
	for len(rest) > 0 {
		sent, errno := rawWrite(w.fd, rest)
		w.t.Syscalls++
		if errno != 0 {
			if err := w.patience.refused("write", errno); err != nil {
				return err
			}
			w.t.Retries++
			continue
		}
		rest = rest[sent:]
		w.t.Bytes += int64(sent)
		if err := w.patience.took(len(rest) == 0); err != nil {
			return err
		}
	}
	w.t.Messages++
	return nil
}

// Reap has nothing to wait for: write(2) returns when the data is copied.
func (w *writeStream) Reap(time.Duration) error { return nil }

func (w *writeStream) Close() error { return nil }
