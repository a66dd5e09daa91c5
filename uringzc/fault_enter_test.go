//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// enterFault is a ring whose enters fail when told to, with sends that a
// receiver must get once each and in order.
type enterFault struct {
	script   *enterScript
	ring     *Ring
	slab     *Slab
	receiver *net.UDPConn
	fd       int
	prepared int
	received int
}

func openEnterFault(t *testing.T, opt Options) *enterFault {
	t.Helper()
	f := &enterFault{ring: openRing(t, opt)}
	require(t, f.ring, OpSendZC)
	f.receiver, f.fd = udpPair(t)
	f.slab = newSlab(t, 1000, 32)
	f.script = scriptEnters(t) // opening a ring makes enters too
	return f
}

func (f *enterFault) prepare(t *testing.T, n int) (ops []ZeroCopyOp) {
	t.Helper()
	for range n {
		lease, _ := f.slab.Lease()
		size := copy(lease.Bytes(), fmt.Sprint("message ", f.prepared))
		op, err := f.ring.PrepareSendZC(Descriptor(f.fd), lease.Buffer(size), 0, uint64(f.prepared))
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, op)
		f.prepared++
	}
	return ops
}

// delivered takes all that is in flight, and wants everything prepared so far to
// have arrived once.
func (f *enterFault) delivered(t *testing.T) {
	t.Helper()
	for id, o := range collect(t, f.ring) {
		if o.result.Err() != nil {
			t.Errorf("send %d: %v", id, o.result.Err())
		}
	}
	if _, err := unix.Write(f.fd, []byte("the end")); err != nil {
		t.Fatal(err)
	}
	for ; f.received < f.prepared; f.received++ {
		if got, want := receive(t, f.receiver), fmt.Sprint("message ", f.received); got != want {
			t.Fatalf("received %q; want %q", got, want)
		}
	}
	if got := receive(t, f.receiver); got != "the end" {
		t.Fatalf("received %q, once more", got)
	}
	if f.slab.InUse() != 0 || f.ring.InFlight() != 0 || f.ring.Pending() != 0 {
		t.Errorf("%d lent, %d in flight, %d pending; want none", f.slab.InUse(), f.ring.InFlight(), f.ring.Pending())
	}
}

// TestEnterFails has io_uring_enter(2) fail before it does anything: the sends
// stay queued, and go once when it is called again.
func TestEnterFails(t *testing.T) {
	inProcess(t, func(t *testing.T) {
		const sends = 8
		for _, errno := range []unix.Errno{unix.EAGAIN, unix.EBUSY, unix.ENOMEM, unix.EBADR} {
			t.Run(unix.ErrnoName(errno), func(t *testing.T) {
				f := openEnterFault(t, Options{Entries: sends, SQPollCPU: -1})
				r := f.ring

				ops := f.prepare(t, sends)
				f.script.next(errno, errno)
				for range 2 {
					if n, err := r.Submit(); n != 0 || !errors.Is(err, errno) {
						t.Fatalf("Submit = %d, %v; want 0, %v", n, err, errno)
					}
					if r.Pending() != sends || r.InFlight(ops[0].Handle) != 1 || f.slab.InUse() != sends {
						t.Errorf("%d pending, %d lent; want %d", r.Pending(), f.slab.InUse(), sends)
					}
				}
				if n, err := r.Submit(); n != sends || err != nil {
					t.Fatalf("Submit = %d, %v; want %d", n, err, sends)
				}
				if got := f.script.seen(); !slices.Equal(got, []uint32{sends, sends, sends}) {
					t.Errorf("enters to submit %v; want %d three times", got, sends)
				}
				f.delivered(t)

				ops = f.prepare(t, 1)
				f.script.next(errno)
				if c, err := r.AwaitResult(ops[0], patience); !errors.Is(err, errno) {
					t.Errorf("AwaitResult: %+v, %v; want %v", c, err, errno)
				}
				if c, err := r.AwaitResult(ops[0], patience); err != nil || c.Err() != nil {
					t.Errorf("AwaitResult again: %+v, %v", c, err)
				}
				if _, err := r.AwaitRelease(ops[0], patience); err != nil {
					t.Errorf("AwaitRelease: %v", err)
				}
				f.delivered(t)
			})
		}
	})
}

// TestWaitFails has the enter that sleeps fail, after one that has submitted.
func TestWaitFails(t *testing.T) {
	inProcess(t, func(t *testing.T) {
		f := openEnterFault(t, Options{Entries: 8, SQPollCPU: -1})
		f.prepare(t, 4)
		f.script.next(0, unix.EAGAIN)
		// More than there will ever be, so that it has to sleep.
		if n, err := f.ring.SubmitAndWait(16, patience); n != 4 || !errors.Is(err, unix.EAGAIN) {
			t.Errorf("SubmitAndWait = %d, %v; want 4, EAGAIN", n, err)
		}
		f.delivered(t)
	})
}

// TestEnterInterrupted has signals come before the kernel has done anything.
func TestEnterInterrupted(t *testing.T) {
	inProcess(t, func(t *testing.T) {
		const sends = 5
		f := openEnterFault(t, Options{Entries: 8, SQPollCPU: -1})
		f.prepare(t, sends)
		f.script.next(unix.EINTR, unix.EINTR, unix.EINTR)
		if n, err := f.ring.Submit(); n != sends || err != nil {
			t.Errorf("Submit = %d, %v; want %d", n, err, sends)
		}
		if got := f.script.seen(); !slices.Equal(got, []uint32{sends, sends, sends, sends}) {
			t.Errorf("enters to submit %v; want %d four times", got, sends)
		}
		f.delivered(t)

		_, blocked := slowTCPPair(t)
		fillTCP(t, blocked)
		op, err := f.ring.PrepareSendZC(Descriptor(blocked), Bytes(make([]byte, 100)), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		f.script.next(0, unix.EINTR, unix.EINTR)
		if _, err := f.ring.AwaitResult(op, 250*time.Millisecond); err != ErrTimeout || len(f.script.seen()) < 4 {
			t.Errorf("a wait that is interrupted: %v after %d enters; want ErrTimeout, the time being over", err, len(f.script.seen()))
		}
	})
}

// TestCloseOverFailingEnters closes a ring with a send that waits for room.
func TestCloseOverFailingEnters(t *testing.T) {
	inProcess(t, func(t *testing.T) {
		for _, errno := range []unix.Errno{unix.EAGAIN, unix.EBUSY} {
			for _, ever := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/ever=%v", unix.ErrnoName(errno), ever), func(t *testing.T) {
					const sends, drain = 4, 100 * time.Millisecond
					r := openRing(t, Options{Entries: 2, InFlight: sends, SQPollCPU: -1, Drain: drain})
					require(t, r, OpSendZC)
					slab, err := NewSlab(1000, sends)
					if err != nil {
						t.Fatal(err)
					}
					_, fd := slowTCPPair(t)
					fillTCP(t, fd)
					script := scriptEnters(t)
					submitLeases(t, r, fd, slab, sends, 1000)
					if script.next(errno, errno, 0, errno, 0, errno, errno); ever {
						script.ever(errno)
					}
					err = r.Close()
					if !ever {
						if err != nil || slab.InUse() != 0 {
							t.Errorf("Close: %v, %d lent; want nil, none", err, slab.InUse())
						}
						return
					}
					var leak *LeakError
					if !errors.As(err, &leak) || leak.Operations != sends || !errors.Is(err, errno) || leak.Waited < drain || leak.Waited > patience {
						t.Errorf("Close: %v; want a LeakError of %d operations for %v after %v", err, sends, errno, drain)
					}
					if slab.InUse() != sends {
						t.Errorf("%d lent; want %d", slab.InUse(), sends)
					}
				})
			}
		}
	})
}
