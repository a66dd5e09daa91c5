//go:build linux

package uringzc

import (
	"bytes"
	"io"
	"testing"

	"golang.org/x/sys/unix"
)

// TestCancel stops zero-copy sends that wait for room: the result is ECANCELED,
// or what was sent so far, and the release follows as ever.
func TestCancel(t *testing.T) {
	for _, tt := range []struct {
		name     string
		sqPoll   bool
		nonblock bool // O_NONBLOCK, which a send of io_uring's waits in spite of
		full     bool // before the send
		flags    uint32
	}{
		{"waiting", false, false, true, 0},
		{"waiting, nonblocking descriptor", false, true, true, 0},
		{"waiting for all", false, false, true, unix.MSG_WAITALL},
		{"half sent", false, false, false, unix.MSG_WAITALL},
		{"waiting, polled", true, false, true, 0},
		{"half sent, polled", true, false, false, unix.MSG_WAITALL},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const size = 1 << 20
			r := openRing(t, Options{Entries: 8, SQPoll: tt.sqPoll, SQPollCPU: -1})
			require(t, r, OpSendZC)
			peer, fd := slowTCPPair(t)
			before := 0
			if tt.full {
				before = fillTCP(t, fd)
			}
			if err := unix.SetNonblock(fd, tt.nonblock); err != nil {
				t.Fatal(err)
			}
			slab := newSlab(t, size, 1)
			lease, _ := slab.Lease()
			fill(lease.Bytes(), 1)
			want := bytes.Clone(lease.Bytes())
			send, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(size), tt.flags|unix.MSG_NOSIGNAL, 1)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Submit(); err != nil {
				t.Fatal(err)
			}
			within(t, "the polling thread takes the entry", func() bool { return r.Pending() == 0 })
			if !tt.full {
				within(t, "the send fills the socket", func() bool { return standsStill(t, fd) })
			}
			if c, ok := r.Next(); ok {
				t.Fatalf("the send doesn't wait: %+v", c)
			}
			cancel, err := r.PrepareCancel(send.Handle, 2)
			if err != nil {
				t.Fatal(err)
			}
			c, err := r.Await(cancel, patience)
			if err != nil || c.Res != 0 || c.More() {
				t.Errorf("the cancellation: %+v, %v, %v; want 0", c, c.Err(), err)
			}
			result, err := r.AwaitResult(send, patience)
			if err != nil || !result.More() || result.Notification() {
				t.Fatalf("the send: %+v, %v; want a result with F_MORE", result, err)
			}
			if tt.full && result.Err() != unix.ECANCELED || !tt.full && (result.Res <= 0 || result.Res >= size) {
				t.Errorf("the send: %+v, %v; want ECANCELED if nothing was sent, else how much", result, result.Err())
			}
			sent := max(int(result.Res), 0)
			// What was sent before the cancellation still has to arrive.
			read := make(chan []byte)
			go func() {
				got, _ := io.ReadAll(peer)
				read <- got
			}()
			release, err := r.AwaitRelease(send, patience)
			if err != nil || !release.Notification() || release.More() {
				t.Errorf("the release: %+v, %v", release, err)
			}
			if slab.InUse() != 0 || r.InFlight() != 0 {
				t.Errorf("%d buffers lent, %d in flight; want none", slab.InUse(), r.InFlight())
			}
			if err := unix.Shutdown(fd, unix.SHUT_WR); err != nil {
				t.Error(err)
			}
			if got := <-read; len(got) != before+sent || !bytes.Equal(got[before:], want[:sent]) {
				t.Errorf("%d bytes arrived; want %d and what was sent", len(got), before+sent)
			}
		})
	}
}

// TestCancelTooLate cancels what is over and what never was, and what waits for
// its release only: there is nothing to stop in any of them.
func TestCancelTooLate(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendZC)
	cancel := func(name string, h Handle, want unix.Errno) {
		t.Helper()
		op, err := r.PrepareCancel(h, 2)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := r.Await(op, patience); err != nil || c.Err() != want {
			t.Errorf("cancel %s: %+v, %v, %v; want %v", name, c, c.Err(), err, want)
		}
	}
	_, fd := udpPair(t)
	over, err := r.PrepareSendZC(Descriptor(fd), Bytes(make([]byte, 100)), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	takeZC(t, r, 1)
	cancel("one that is over", over.Handle, unix.ENOENT)
	cancel("none", Handle{}, unix.ENOENT)

	peer, fd := slowTCPPair(t)
	fillSocket := max(fillTCP(t, fd), 1)
	if _, err := io.ReadFull(peer, make([]byte, fillSocket)); err != nil {
		t.Fatal(err)
	}
	held, err := r.PrepareSendZC(Descriptor(fd), Bytes(make([]byte, 1<<20)), 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.AwaitResult(held, patience)
	if err != nil || result.Err() != nil || !result.More() {
		t.Fatalf("a send into room: %+v, %v", result, err)
	}
	cancel("one that waits for its release", held.Handle, unix.ENOENT)
	if r.InFlight(held.Handle) != 1 {
		t.Error("the cancellation ended a send that the kernel holds")
	}
	if _, err := io.ReadFull(peer, make([]byte, result.Res)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.AwaitRelease(held, patience); err != nil {
		t.Error(err)
	}
}

// TestAbandonBlocked gives up sends that wait. Nobody hears of them again, and
// their buffers come back when they are cancelled, or when they get through.
func TestAbandonBlocked(t *testing.T) {
	const sends = 4
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendZC)
	slab := newSlab(t, 4096, sends)
	peer, fd := slowTCPPair(t)
	before := fillTCP(t, fd)
	var ops [sends]ZeroCopyOp
	for i := range ops {
		lease, _ := slab.Lease()
		op, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(100), unix.MSG_WAITALL, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		ops[i] = op
	}
	if n, err := r.Submit(); n != sends || err != nil {
		t.Fatalf("Submit = %d, %v; want %d", n, err, sends)
	}
	for _, op := range ops {
		r.Abandon(op.Handle)
	}
	if r.InFlight() != sends || slab.InUse() != sends {
		t.Fatalf("%d in flight, %d lent; want %d", r.InFlight(), slab.InUse(), sends)
	}
	for _, op := range ops[:sends/2] {
		cancel, err := r.PrepareCancel(op.Handle, 9)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := r.Await(cancel, patience); err != nil || c.Res != 0 {
			t.Errorf("the cancellation: %+v, %v", c, err)
		}
	}
	if r.InFlight() != sends/2 || slab.InUse() != sends/2 {
		t.Errorf("after the cancellations: %d in flight, %d lent; want %d", r.InFlight(), slab.InUse(), sends/2)
	}
	arrived := make(chan error)
	go func() {
		_, err := io.ReadFull(peer, make([]byte, before+sends/2*100))
		arrived <- err
	}()
	// SubmitAndWait waits for completions that Next can take, of which there are
	// to be none.
	within(t, "the abandoned sends get through", func() bool {
		if _, err := r.Submit(); err != nil {
			t.Fatal(err)
		}
		if c, ok := r.Next(); ok {
			t.Errorf("an abandoned send shows: %+v", c)
		}
		return r.InFlight() == 0
	})
	if err := <-arrived; err != nil {
		t.Error(err)
	}
	if slab.InUse() != 0 || r.Strays() != 0 {
		t.Errorf("%d buffers lent, %d strays; want none", slab.InUse(), r.Strays())
	}
}
