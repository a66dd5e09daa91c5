//go:build linux

package uringzc

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNotificationLimit reaches Options.Notifications with sends to a peer that
// acknowledges nothing: no more zero-copy sends can be prepared, and plain sends
// can, until a release comes.
func TestNotificationLimit(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		const limit, spare = 20, 4
		opt := Options{InFlight: limit + spare, Notifications: limit, SQPollCPU: -1, Drain: patience}
		u := openUnreleased(t, opt, limit)
		r := u.ring
		refused := func() {
			t.Helper()
			if _, err := r.PrepareSendZC(Descriptor(u.sockets[0]), Bytes(make([]byte, 1)), 0, 1); err != ErrNotifications {
				t.Errorf("PrepareSendZC: %v; want ErrNotifications", err)
			}
			if _, err := r.PrepareSendMsgZC(Descriptor(u.sockets[0]), Bytes(make([]byte, 1)), 0, 0, 1); err != ErrNotifications {
				t.Errorf("PrepareSendMsgZC: %v; want ErrNotifications", err)
			}
		}
		refused()
		for i := range spare {
			op, err := r.PrepareSend(Descriptor(u.sockets[0]), Bytes(make([]byte, 10)), 0, uint64(i))
			if err != nil {
				t.Fatal(err)
			}
			if c, err := r.Await(op, patience); err != nil || c.Res != 10 {
				t.Fatalf("a plain send: %+v, %v; want 10 bytes", c, err)
			}
		}
		refused()
		r.Abandon(u.ops[1]) // which the kernel holds all the same
		refused()
		setUp(t, "lo")
		if _, err := r.AwaitRelease(ZeroCopyOp{Handle: u.ops[0]}, patience); err != nil {
			t.Fatal(err)
		}
		op, err := r.PrepareSendZC(Descriptor(u.sockets[0]), Bytes(make([]byte, 1)), 0, 1)
		if err != nil {
			t.Fatalf("after a release: %v", err)
		}
		if _, err := r.AwaitRelease(op, patience); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		u.arrives(t)
	})
}

// TestWithout opens rings that go without flags which this kernel may have, and
// sends.
func TestWithout(t *testing.T) {
	for _, sqPoll := range []bool{false, true} {
		for _, not := range []SetupFlags{
			0, SetupNoSQArray, SetupDeferTaskrun, SetupCoopTaskrun, SetupDeferTaskrun | SetupCoopTaskrun,
			SetupTaskrunFlag, SetupSingleIssuer, SetupSubmitAll,
			SetupNoSQArray | SetupDeferTaskrun | SetupCoopTaskrun | SetupTaskrunFlag | SetupSingleIssuer | SetupSubmitAll,
		} {
			t.Run(fmt.Sprintf("sqpoll=%v/without=%v", sqPoll, not), func(t *testing.T) {
				r := openRing(t, Options{Entries: 8, SQPoll: sqPoll, SQPollCPU: -1, Without: not})
				require(t, r, OpSendZC)
				if got := r.Flags() & not; got != 0 {
					t.Errorf("granted %v in spite of Without", got)
				}
				if polled := r.Flags()&SetupSQPoll != 0; polled != sqPoll {
					t.Errorf("polled %v; want %v", polled, sqPoll)
				}
				if !r.RegisteredRing() && not == 0 && r.Flags()&SetupNoSQArray != 0 {
					t.Error("the ring isn't registered")
				}
				receiver, fd := udpPair(t)
				slab := newSlab(t, 1000, 8)
				if err := r.RegisterSlab(slab); err != nil {
					t.Fatal(err)
				}
				// More than a queue's worth, so that the index array is walked round.
				for round := range 4 {
					submitLeases(t, r, fd, slab, 5, 1000)
					for i, o := range collect(t, r) {
						if o.result.Err() != nil || o.result.Res != 1000 || o.release.Copied() != r.ReportsUsage() {
							t.Errorf("round %d, send %d: %+v", round, i, o)
						}
					}
					for range 5 {
						if got := receive(t, receiver); len(got) != 1000 {
							t.Errorf("round %d: received %d bytes", round, len(got))
						}
					}
				}
				sendFails(t, r, OpSendZC, -1, 1, nil, unix.EBADF)
			})
		}
	}
}
