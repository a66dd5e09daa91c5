//go:build linux

package uringzc

import (
	"bytes"
	"fmt"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestLeasesAreOverwrittenAtRelease sends a stream over TCP from a few leases,
// each of which is overwritten as soon as its release has come and never before.
// The peer reads late, so that the kernel holds what it hasn't sent by
// reference, and must read what was sent.
func TestLeasesAreOverwrittenAtRelease(t *testing.T) {
	const leases, sends, page = 6, 60, 4096
	for _, tt := range []struct {
		name       string
		size       int
		registered bool
		opt        Options
	}{
		{"17 fragments", 17 * page, false, Options{}},
		{"over 17 fragments", 17*page + 1, true, Options{}},
		{"64000 bytes", 64000, false, Options{}},
		{"64000 bytes, registered", 64000, true, Options{}},
		{"64000 bytes, polled", 64000, true, Options{SQPoll: true}},
		{"64000 bytes, without DEFER_TASKRUN", 64000, true, Options{Without: SetupDeferTaskrun}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.opt.Entries, tt.opt.SQPollCPU = leases, -1
			r := openRing(t, tt.opt)
			require(t, r, OpSendZC)
			slab := newSlab(t, tt.size, leases)
			if tt.registered {
				if err := r.RegisterSlab(slab); err != nil {
					t.Fatal(err)
				}
			}
			const window = 1 << 16
			peer, fd := connectTCP(t, listenTCP(t, "127.0.0.1:0", window))
			reader := startLateReader(peer, tt.size, sends)

			var unreleased []ZeroCopyOp
			late := 0
			release := func() {
				reader.await(t, func(wait time.Duration) error {
					_, err := r.AwaitRelease(unreleased[0], wait)
					return err
				})
				unreleased = unreleased[1:]
			}
			for i := range sends {
				for len(unreleased) > 0 && r.InFlight(unreleased[0].Handle) == 0 {
					release() // has come, and only wants to be taken
				}
				lease, ok := slab.Lease()
				if !ok {
					late++
					release()
					if lease, ok = slab.Lease(); !ok {
						t.Fatal("a release left its buffer lent")
					}
				}
				fill(lease.Bytes(), i)
				op, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(tt.size), unix.MSG_WAITALL|unix.MSG_NOSIGNAL, uint64(i))
				if err != nil {
					t.Fatal(err)
				}
				unreleased = append(unreleased, op)
				// The next waits for this one's result, or the two might mix.
				reader.await(t, func(wait time.Duration) error {
					c, err := r.AwaitResult(op, wait)
					if err == nil && (c.Err() != nil || int(c.Res) != tt.size) {
						return fmt.Errorf("send %d: %+v, %v", i, c, c.Err())
					}
					return err
				})
			}
			for len(unreleased) > 0 {
				release()
			}
			if err := reader.finish(); err != nil {
				t.Error(err)
			}
			if late == 0 {
				t.Error("every release came before its buffer was wanted again: nothing was shown")
			}
			if slab.InUse() != 0 || r.InFlight() != 0 {
				t.Errorf("%d lent, %d in flight; want none", slab.InUse(), r.InFlight())
			}
		})
	}
}

// lateReader reads and checks messages, and only some of it when it is told.
type lateReader struct {
	more chan struct{}
	done chan error
}

func startLateReader(conn *net.TCPConn, size, messages int) *lateReader {
	l := &lateReader{more: make(chan struct{}), done: make(chan error, 1)}
	go func() { l.done <- l.read(conn, size, messages) }()
	return l
}

func (l *lateReader) read(conn *net.TCPConn, size, messages int) error {
	want, in := make([]byte, size), make([]byte, 1<<14)
	message, at := 0, 0
	fill(want, message)
	for message < messages {
		<-l.more // at once when finish closes it
		n, err := conn.Read(in[:min(len(in), size-at)])
		if err != nil {
			return fmt.Errorf("message %d: %w", message, err)
		}
		if !bytes.Equal(in[:n], want[at:at+n]) {
			return fmt.Errorf("message %d arrived damaged near byte %d", message, at)
		}
		if at += n; at == size {
			message, at = message+1, 0
			fill(want, message)
		}
	}
	return nil
}

// await calls wait until it doesn't time out, and has some read in between. It
// doesn't wait for the reader, which may itself wait for what comes next.
func (l *lateReader) await(t *testing.T, wait func(time.Duration) error) {
	t.Helper()
	err := wait(0)
	for deadline := time.Now().Add(patience); err == ErrTimeout && time.Now().Before(deadline); err = wait(time.Millisecond) {
		select {
		case l.more <- struct{}{}:
		case err := <-l.done:
			l.done <- err
			if err != nil {
				t.Fatal(err)
			}
		default:
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// finish has the rest read.
func (l *lateReader) finish() error {
	close(l.more)
	return <-l.done
}
