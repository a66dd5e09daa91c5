//go:build linux

package uringzc

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// unreleased is a ring with many zero-copy sends that have their result and
// nothing else, since TCP's peers acknowledge nothing: lo is down. Most send from
// leases of a registered slab, the rest from memory of Go's that only the ring
// knows, and not more of it than an ordinary user may lock.
type unreleased struct {
	ring    *Ring
	ops     []Handle
	slab    *Slab
	freed   *atomic.Int32 // how many of Go's buffers the garbage collector took
	sockets []int
	peers   []*net.TCPConn
}

const (
	unreleasedConnections = 10
	unreleasedBytes       = 200 // of one send
)

// openUnreleased needs a namespace of the test's own.
func openUnreleased(t *testing.T, opt Options, sends int) *unreleased {
	t.Helper()
	lo := setUp(t, "lo")
	u := &unreleased{freed: new(atomic.Int32)}
	var err error
	if u.slab, err = NewSlab(unreleasedBytes, sends); err != nil {
		t.Fatal(err)
	}
	opt.Entries = uint32(sends)
	u.ring = openRing(t, opt)
	require(t, u.ring, OpSendZC)
	if err := u.ring.RegisterSlab(u.slab); err != nil {
		t.Fatal(err)
	}
	l := listenTCP(t, "127.0.0.1:0", 0)
	for range unreleasedConnections {
		peer, fd := connectTCP(t, l)
		u.peers, u.sockets = append(u.peers, peer), append(u.sockets, fd)
	}
	if err := netlink.LinkSetDown(lo); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { setUp(t, "lo") }) // with SQPoll the process doesn't end before the releases come
	for i := range sends {
		fd := Descriptor(u.sockets[i%unreleasedConnections])
		op, err := u.ring.PrepareSendZC(fd, u.buffer(i), unix.MSG_NOSIGNAL|unix.MSG_WAITALL, uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		u.ops = append(u.ops, op.Handle)
	}
	if n, err := u.ring.Submit(); n != sends || err != nil {
		t.Fatalf("Submit = %d, %v; want %d", n, err, sends)
	}
	results, releases := collectResults(t, u.ring, sends)
	for _, c := range results {
		if c.Err() != nil || c.Res != unreleasedBytes || !c.More() {
			t.Fatalf("result %+v, %v; want %d bytes with F_MORE", c, c.Err(), unreleasedBytes)
		}
	}
	if releases != 0 || u.ring.InFlight() != sends || u.slab.InUse() != u.leased() {
		t.Fatalf("%d releases, %d in flight, %d lent; want 0, %d, %d", releases, u.ring.InFlight(), u.slab.InUse(), sends, u.leased())
	}
	return u
}

// leased is how many of the sends are from leases, gos how many are not.
func (u *unreleased) leased() int { return len(u.ops) - u.gos() }
func (u *unreleased) gos() int    { return len(u.ops) / 10 }

// buffer is what send i sends.
func (u *unreleased) buffer(i int) Buffer {
	if i%10 != 9 {
		lease, _ := u.slab.Lease()
		fill(lease.Bytes(), i)
		return lease.Buffer(unreleasedBytes)
	}
	b := make([]byte, unreleasedBytes)
	fill(b, i)
	runtime.AddCleanup(&b[0], func(n *atomic.Int32) { n.Add(1) }, u.freed)
	return Bytes(b)
}

// collected has the garbage collector look for buffers that nothing holds, and
// wants it to have found so many.
func (u *unreleased) collected(t *testing.T, want int) {
	t.Helper()
	for range 3 {
		done := make(chan struct{})
		canary := new([unreleasedBytes]byte)
		runtime.AddCleanup(canary, func(c chan struct{}) { close(c) }, done)
		within(t, "the garbage collector takes what nothing holds", func() bool {
			runtime.GC()
			select {
			case <-done:
				return true
			default:
				return false
			}
		})
	}
	if want > 0 {
		within(t, "the garbage collector takes the buffers", func() bool { runtime.GC(); return int(u.freed.Load()) >= want })
	}
	if got := int(u.freed.Load()); got != want {
		t.Errorf("%d buffers of Go's were freed; want %d", got, want)
	}
}

// arrives reads what was sent, and finds it as it was.
func (u *unreleased) arrives(t *testing.T) {
	t.Helper()
	got, want := make([]byte, unreleasedBytes), make([]byte, unreleasedBytes)
	for i := range u.ops {
		if _, err := io.ReadFull(u.peers[i%unreleasedConnections], got); err != nil {
			t.Fatalf("send %d: %v", i, err)
		}
		if fill(want, i); !bytes.Equal(got, want) {
			t.Fatalf("send %d arrives damaged", i)
		}
	}
}
