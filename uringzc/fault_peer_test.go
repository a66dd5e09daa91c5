//go:build linux

package uringzc

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// submitLeases submits zero-copy sends of size bytes each, all of them or an
// error, with a lease of the slab behind each.
func submitLeases(t *testing.T, r *Ring, fd int, slab *Slab, sends, size int) {
	t.Helper()
	for i := range sends {
		lease, ok := slab.Lease()
		if !ok {
			t.Fatal("the slab is empty")
		}
		within(t, "the queue has room", func() bool {
			_, err := r.PrepareSendZC(Descriptor(fd), lease.Buffer(size), unix.MSG_NOSIGNAL|unix.MSG_WAITALL, uint64(i))
			if err == nil {
				return true
			}
			if err != ErrQueueFull {
				t.Fatal(err)
			}
			if _, err := r.Submit(); err != nil {
				t.Fatal(err)
			}
			return false
		})
	}
	within(t, "the kernel takes the entries", func() bool {
		if _, err := r.Submit(); err != nil {
			t.Fatal(err)
		}
		return r.Pending() == 0
	})
}

// TestPeerGone ends a TCP connection from the other side while sends of it are
// unreleased and others wait for room. Every send ends and every buffer comes
// back; those that wait get the error.
func TestPeerGone(t *testing.T) {
	const sends, size = 16, 30000
	for _, tt := range []struct {
		name   string
		leave  func(t testing.TB, peer *net.TCPConn, sender int)
		sqPoll bool
	}{
		{"reset", reset, false},
		{"reset, polled", reset, true},
		// With data that it didn't read, close(2) resets as well (RFC 2525, 2.17).
		{"closed", func(t testing.TB, peer *net.TCPConn, _ int) {
			if err := peer.Close(); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := openRing(t, Options{Entries: sends, SQPoll: tt.sqPoll, SQPollCPU: -1})
			require(t, r, OpSendZC)
			slab := newSlab(t, size, sends)
			peer, fd := slowTCPPair(t)
			submitLeases(t, r, fd, slab, sends, size)
			within(t, "the connection fills", func() bool { return standsStill(t, fd) })
			tt.leave(t, peer, fd)
			all := collect(t, r)
			if len(all) != sends || slab.InUse() != 0 {
				t.Fatalf("%d of %d sends came back, %d buffers are lent", len(all), sends, slab.InUse())
			}
			// The socket tells its error once, as ECONNRESET, and then EPIPE. A send
			// that was under way swallows it: the bytes that it sent are its result,
			// and MSG_WAITALL doesn't change that.
			counts := make(map[string]int)
			for i := range uint64(sends) {
				o := all[i]
				switch {
				case !o.result.More():
					t.Errorf("send %d: %+v; want F_MORE", i, o.result)
				case o.result.Err() == unix.ECONNRESET || o.result.Err() == unix.EPIPE:
					counts["failed"]++
				case o.result.Err() != nil:
					t.Errorf("send %d: %v; want bytes, ECONNRESET or EPIPE", i, o.result.Err())
				case o.result.Res < size:
					counts["short"]++
				default:
					counts["sent"]++
				}
			}
			if counts["failed"] == 0 {
				t.Errorf("%v; want failures", counts)
			}
			t.Log(counts)
		})
	}
}

// TestUDPPeerGone sends a batch to a port that nobody listens on: the refusal of
// one send is the error of another, and all come back.
func TestUDPPeerGone(t *testing.T) {
	const sends = 64
	r := openRing(t, Options{Entries: sends})
	require(t, r, OpSendZC)
	receiver, fd := udpPair(t)
	if err := receiver.Close(); err != nil {
		t.Fatal(err)
	}
	slab := newSlab(t, 1000, sends)
	submitLeases(t, r, fd, slab, sends, 1000)
	refused := 0
	for i, o := range collect(t, r) {
		switch o.result.Err() {
		case nil:
		case unix.ECONNREFUSED:
			refused++
		default:
			t.Errorf("send %d: %+v, %v; want bytes or ECONNREFUSED", i, o.result, o.result.Err())
		}
		if !o.result.More() {
			t.Errorf("send %d: %+v; want F_MORE", i, o.result)
		}
	}
	if refused == 0 || slab.InUse() != 0 {
		t.Errorf("%d refusals, %d buffers lent; want some, none", refused, slab.InUse())
	}
	t.Logf("%d of %d refused", refused, sends)
}
