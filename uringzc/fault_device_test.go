//go:build linux

package uringzc

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// TestDeviceRemovedHoldingNeighbours deletes a device with sends that wait for
// their destination's hardware address, which nobody tells. The packets end with
// the device, and so every release comes.
func TestDeviceRemovedHoldingNeighbours(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		const sends, size = 32, 1000
		for name, opt := range map[string]Options{
			"":       {Entries: sends, SQPollCPU: -1},
			"polled": {Entries: sends, SQPollCPU: -1, SQPoll: true},
		} {
			t.Run(name, func(t *testing.T) {
				near, _ := addVeth(t, func() (struct{}, error) { return struct{}{}, nil })
				r := openRing(t, opt)
				require(t, r, OpSendZC)
				slab := newSlab(t, size, sends)
				fd := udpSocket(t)
				// An address of the subnet that is neither end's.
				if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{198, 18, 0, 3}, Port: 9}); err != nil {
					t.Fatal(err)
				}
				submitLeases(t, r, fd, slab, sends, size)
				results, releases := collectResults(t, r, sends)
				for _, c := range results {
					if c.Err() != nil || c.Res != size || !c.More() {
						t.Errorf("result %+v, %v; want %d bytes", c, c.Err(), size)
					}
				}
				if releases != 0 || slab.InUse() != sends {
					t.Errorf("%d releases before the device is gone, %d lent; want 0, %d", releases, slab.InUse(), sends)
				}
				start := time.Now()
				if err := netlink.LinkDel(near); err != nil {
					t.Fatal(err)
				}
				for i := range sends {
					if c := take(t, r, 1)[0]; !c.Notification() {
						t.Errorf("completion %d: %+v; want a release", i, c)
					}
				}
				t.Logf("%d releases %v after the device began to go", sends, time.Since(start))
				if slab.InUse() != 0 || r.InFlight() != 0 {
					t.Errorf("%d lent, %d in flight; want none", slab.InUse(), r.InFlight())
				}
				// The next send finds no way out.
				sendFails(t, r, OpSendZC, fd, 1, nil, unix.ENETUNREACH)
			})
		}
	})
}

// TestDeviceRemovedUnderTCP deletes the device that a connection goes over, with
// sends in its write queue. TCP doesn't give up for minutes, and has the memory:
// Close says so. A second ring's sends come back when the connection is thrown
// away.
func TestDeviceRemovedUnderTCP(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		const sends, size = 16, 30000
		near, l := addVeth(t, func() (*net.TCPListener, error) { return listenTCPHere(farAddress+":0", 4096) })
		defer l.Close()
		leaking := openRing(t, Options{Entries: sends, SQPollCPU: -1, Drain: 20 * time.Millisecond})
		require(t, leaking, OpSendZC)
		staying := openRing(t, Options{Entries: sends, SQPollCPU: -1})
		var fds [2]int
		var lent [2]int
		var slabs [2]*Slab
		for i, r := range []*Ring{leaking, staying} {
			_, fds[i] = connectTCP(t, l)
			var err error
			if slabs[i], err = NewSlab(size, sends); err != nil {
				t.Fatal(err)
			}
			submitLeases(t, r, fds[i], slabs[i], sends, size)
			within(t, "the connection fills", func() bool { return standsStill(t, fds[i]) })
			for range r.InFlight() { // what was released by now
				if _, err := r.Submit(); err != nil {
					t.Fatal(err)
				}
			}
			for _, ok := r.Next(); ok; _, ok = r.Next() {
			}
			if lent[i] = slabs[i].InUse(); lent[i] == 0 {
				t.Fatal("all was acknowledged")
			}
		}
		if err := netlink.LinkDel(near); err != nil {
			t.Fatal(err)
		}

		var leak *LeakError
		err := leaking.Close()
		if !errors.As(err, &leak) || leak.Err != nil || leak.Operations == 0 || leak.Operations > lent[0] {
			t.Errorf("Close: %v; want a LeakError of 1 to %d operations", err, lent[0])
		}
		if leak != nil && slabs[0].InUse() != leak.Operations {
			t.Errorf("%d lent; want %d, as Close said", slabs[0].InUse(), leak.Operations)
		}
		if err := slabs[0].Close(); !errors.Is(err, ErrLent) {
			t.Errorf("Slab.Close: %v; want ErrLent", err)
		}

		// A connection to nowhere ends all the same when it is told to.
		if err := unix.Shutdown(fds[1], unix.SHUT_RDWR); err != nil {
			t.Fatal(err)
		}
		if err := unix.SetsockoptLinger(fds[1], unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}); err != nil {
			t.Fatal(err)
		}
		if err := unix.Close(fds[1]); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		all := collect(t, staying)
		failed := 0
		for _, o := range all {
			if o.result.Err() != nil {
				failed++
			}
		}
		if failed == 0 {
			t.Error("all that waited was sent")
		}
		t.Logf("leaked %v; %d sends failed and %d more were released %v after the connection was thrown away",
			leak, failed, len(all)-failed, time.Since(start))
		if slabs[1].InUse() != 0 {
			t.Errorf("%d buffers are lent", slabs[1].InUse())
		}
		if err := slabs[1].Close(); err != nil {
			t.Error(err)
		}
	})
}
