//go:build linux

package uringzc

import (
	"io"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSocketClosedInFlight closes the descriptor while one send waits for room
// and others for their release. The ring has a reference of its own to the
// socket as long as a send waits: the descriptor's end stops nothing, and what
// was sent arrives.
func TestSocketClosedInFlight(t *testing.T) {
	const sends, size = 8, 20000
	for _, tt := range []struct {
		name  string
		close func(fd int) error
		reads bool // the peer reads all, else it resets
	}{
		{"and read", unix.Close, true},
		{"and reset", unix.Close, false},
		{"by another file in its place", func(fd int) error {
			var p [2]int
			if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
				return err
			}
			defer unix.Close(p[0])
			defer unix.Close(p[1])
			return unix.Dup3(p[1], fd, unix.O_CLOEXEC)
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := openRing(t, Options{Entries: sends})
			require(t, r, OpSendZC)
			slab := newSlab(t, size, sends)
			peer, fd := slowTCPPair(t)
			watch, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			submitLeases(t, r, fd, slab, sends, size)
			within(t, "the connection fills", func() bool { return standsStill(t, watch) })
			if err := unix.Close(watch); err != nil {
				t.Fatal(err)
			}
			if err := tt.close(fd); err != nil {
				t.Fatal(err)
			}
			if tt.reads {
				arrived := make(chan int64)
				go func() {
					n, _ := io.Copy(io.Discard, io.LimitReader(peer, sends*size))
					arrived <- n
				}()
				for i, o := range collect(t, r) {
					if o.result.Err() != nil || o.result.Res != size {
						t.Errorf("send %d: %+v, %v; want %d bytes", i, o.result, o.result.Err(), size)
					}
				}
				if n := <-arrived; n != sends*size {
					t.Errorf("%d bytes arrived; want %d", n, sends*size)
				}
			} else {
				if err := peer.SetLinger(0); err != nil {
					t.Fatal(err)
				}
				if err := peer.Close(); err != nil {
					t.Fatal(err)
				}
				collect(t, r)
			}
			if slab.InUse() != 0 {
				t.Errorf("%d buffers are lent", slab.InUse())
			}
		})
	}
}

// TestSocketClosedHoldingReleases closes the descriptor when only releases are
// to come: the kernel keeps the orphaned connection, and the memory, until the
// peer has acknowledged or reset.
func TestSocketClosedHoldingReleases(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	require(t, r, OpSendZC)
	slab := newSlab(t, 1<<20, 1)
	peer, fd := slowTCPPair(t)
	lease, _ := slab.Lease()
	send, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(1<<20), unix.MSG_NOSIGNAL, 1)
	if err != nil {
		t.Fatal(err)
	}
	result, err := r.AwaitResult(send, patience)
	if err != nil || result.Err() != nil || !result.More() {
		t.Fatalf("a send into room: %+v, %v", result, err)
	}
	if err := unix.Close(fd); err != nil {
		t.Fatal(err)
	}
	if _, err := r.AwaitRelease(send, 0); err != ErrTimeout || slab.InUse() != 1 {
		t.Errorf("after close(2): %v, %d buffers lent; want ErrTimeout and 1: nothing was acknowledged", err, slab.InUse())
	}
	got, err := io.ReadAll(peer)
	if err != nil || len(got) != int(result.Res) {
		t.Errorf("%d bytes arrived, %v; want %d and the end", len(got), err, result.Res)
	}
	if _, err := r.AwaitRelease(send, patience); err != nil || slab.InUse() != 0 {
		t.Errorf("the release: %v, %d buffers lent", err, slab.InUse())
	}
}
