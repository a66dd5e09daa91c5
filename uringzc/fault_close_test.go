//go:build linux

package uringzc

import (
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// closings are the kinds of rings that are closed.
var closings = map[string]Options{
	"":                      {SQPollCPU: -1},
	"without DEFER_TASKRUN": {SQPollCPU: -1, Without: SetupDeferTaskrun},
	"polled":                {SQPollCPU: -1, SQPoll: true},
}

// TestCloseDrains closes a ring with 1000 sends unreleased, whose releases come
// while Close waits: nothing is leaked, and what was sent arrives.
func TestCloseDrains(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		for name, opt := range closings {
			t.Run(name, func(t *testing.T) {
				const sends = 1000
				opt.Drain = patience
				u := openUnreleased(t, opt, sends)
				setUp(t, "lo") // TCP tries again when its timer says so
				if err := u.ring.Close(); err != nil {
					t.Fatal(err)
				}
				if u.ring.InFlight() != 0 || u.slab.InUse() != 0 {
					t.Errorf("%d in flight, %d lent; want none", u.ring.InFlight(), u.slab.InUse())
				}
				if err := u.slab.Close(); err != nil {
					t.Error(err)
				}
				u.collected(t, u.gos())
				u.arrives(t)
			})
		}
	})
}

// TestCloseLeaks closes a ring with 1000 sends unreleased, whose releases don't
// come: Close says so in time, and all that the kernel may still read stays
// where it is, for it is read afterwards.
func TestCloseLeaks(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		for name, opt := range closings {
			t.Run(name, func(t *testing.T) {
				const sends = 1000
				opt.Drain = 50 * time.Millisecond
				u := openUnreleased(t, opt, sends)
				var leak *LeakError
				if err := u.ring.Close(); !errors.As(err, &leak) {
					t.Fatalf("Close: %v; want a LeakError", err)
				}
				if leak.Operations != sends || leak.Waited < opt.Drain || leak.Waited > patience || leak.Err != nil {
					t.Errorf("%+v; want %d operations after %v", leak, sends, opt.Drain)
				}
				if u.ring.InFlight() != sends || u.ring.InFlight(u.ops...) != sends {
					t.Errorf("%d in flight; want %d for ever", u.ring.InFlight(), sends)
				}
				if err := u.slab.Close(); !errors.Is(err, ErrLent) || u.slab.InUse() != u.leased() {
					t.Errorf("Slab.Close: %v, %d lent; want ErrLent, %d", err, u.slab.InUse(), u.leased())
				}
				if err := u.ring.Close(); err != nil {
					t.Errorf("a second Close: %v", err)
				}
				u.collected(t, 0)
				setUp(t, "lo")
				u.arrives(t)
				// The kernel has let go by now, and has nobody to tell.
				u.collected(t, 0)
				r := openRing(t, Options{Entries: 4, SQPollCPU: -1})
				r.PrepareNop(1)
				take(t, r, 1)
			})
		}
	})
}

// TestLeakedStaysLeaked resets the connections whose sends were leaked. The kernel
// lets go of the buffers then, but nobody hears of it.
func TestLeakedStaysLeaked(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		const sends = 100
		u := openUnreleased(t, Options{SQPollCPU: -1, Drain: -1}, sends)
		var leak *LeakError
		if err := u.ring.Close(); !errors.As(err, &leak) || leak.Operations != sends {
			t.Fatalf("Close: %v; want a LeakError of %d operations", err, sends)
		}
		for _, fd := range u.sockets {
			// With SO_LINGER 0 the write queue is thrown away.
			if err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
				t.Fatal(err)
			}
			if err := unix.Close(fd); err != nil {
				t.Fatal(err)
			}
		}
		if u.slab.InUse() != u.leased() {
			t.Errorf("%d lent; want %d for ever", u.slab.InUse(), u.leased())
		}
		u.collected(t, 0)
	})
}

// TestCloseCancels closes a ring with sends that wait for room, more of them than
// cancellations fit in the queue.
func TestCloseCancels(t *testing.T) {
	for name, opt := range closings {
		t.Run(name, func(t *testing.T) {
			const sends, entries, size = 50, 8, 1000
			opt.Entries, opt.InFlight, opt.Drain = entries, sends, patience
			r := openRing(t, opt)
			require(t, r, OpSendZC)
			slab := newSlab(t, size, sends)
			peer, fd := slowTCPPair(t)
			full := fillTCP(t, fd)
			submitLeases(t, r, fd, slab, sends-entries, size)
			// A queue full of others, which the polling thread hasn't got to yet.
			for i := range uint64(entries) {
				lease, _ := slab.Lease()
				if _, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(size), unix.MSG_NOSIGNAL, i); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := r.Submit(); err != nil {
				t.Fatal(err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if r.InFlight() != 0 || slab.InUse() != 0 {
				t.Errorf("%d in flight, %d lent; want none", r.InFlight(), slab.InUse())
			}
			if err := unix.Shutdown(fd, unix.SHUT_WR); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(peer); err != nil || len(got) != full {
				t.Errorf("%d bytes arrived, %v; want %d, those before", len(got), err, full)
			}
		})
	}
}

// TestCloseWithdraws closes a ring with sends that were prepared and never
// submitted, after some that were.
func TestCloseWithdraws(t *testing.T) {
	for name, opt := range closings {
		t.Run(name, func(t *testing.T) {
			opt.Entries = 8
			r := openRing(t, opt)
			require(t, r, OpSendMsgZC)
			slab := newSlab(t, 100, 3)
			receiver, fd := udpPair(t)
			prepare := func(text string) {
				for range 2 {
					lease, _ := slab.Lease()
					n := copy(lease.Bytes(), text)
					if _, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(n), 0, 1); err != nil {
						t.Fatal(err)
					}
					text += " message"
					if slab.InUse() == 3 {
						break
					}
				}
				if _, err := r.PrepareSendMsgZC(Descriptor(fd), Bytes([]byte(text)), 0, 0, 2); err != nil {
					t.Fatal(err)
				}
			}
			prepare("sent")
			if n, err := r.Submit(); n != 3 || err != nil {
				t.Fatalf("Submit = %d, %v; want 3", n, err)
			}
			prepare("withdrawn")
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if r.InFlight() != 0 || slab.InUse() != 0 {
				t.Errorf("%d in flight, %d lent; want none", r.InFlight(), slab.InUse())
			}
			if _, err := unix.Write(fd, []byte("the end")); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"sent", "sent message", "sent message message", "the end"} {
				if got := receive(t, receiver); got != want {
					t.Errorf("received %q; want %q", got, want)
				}
			}
		})
	}
}

// TestCloseOnTheWrongThread says what it is and, since it can neither wait nor
// cancel there, leaks.
func TestCloseOnTheWrongThread(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	require(t, r, OpSendZC)
	if r.Flags()&SetupSingleIssuer == 0 {
		t.Skip("this kernel has no SINGLE_ISSUER and lets any thread submit")
	}
	slab, err := NewSlab(4096, 1)
	if err != nil {
		t.Fatal(err)
	}
	peer, fd := slowTCPPair(t)
	full := fillTCP(t, fd)
	lease, _ := slab.Lease()
	if _, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(4096), unix.MSG_WAITALL, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Submit(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and die with the thread
		done <- r.Close()
	}()
	err = <-done
	var leak *LeakError
	if !errors.As(err, &leak) || leak.Operations != 1 || !errors.Is(err, ErrWrongThread) {
		t.Errorf("Close on another thread: %v; want a LeakError of 1 operation for ErrWrongThread", err)
	}
	if slab.InUse() != 1 || r.InFlight() != 1 {
		t.Errorf("%d lent, %d in flight; want 1 for ever", slab.InUse(), r.InFlight())
	}
	if err := r.Close(); err != nil {
		t.Errorf("Close on the right thread afterwards: %v", err)
	}
	// Nobody runs the ring's deferred work any more, and so the send stays where
	// it was.
	if got, err := io.ReadAll(io.LimitReader(peer, int64(full))); err != nil || len(got) != full {
		t.Errorf("%d bytes arrived, %v; want %d, those before", len(got), err, full)
	}
}
