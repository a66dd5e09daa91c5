//go:build linux

package uringzc

import (
	"fmt"
	"testing"
)

// TestOverflowOfZeroCopySends has many more completions than the queue has room
// for: none may be lost, and each send's two still come in order.
func TestOverflowOfZeroCopySends(t *testing.T) {
	const entries, sends = 8, 200
	for _, opt := range []Options{
		{Entries: entries, InFlight: sends, CQEntries: entries},
		{Entries: entries, InFlight: sends, CQEntries: entries, Without: SetupDeferTaskrun},
		{Entries: entries, InFlight: sends, CQEntries: entries, SQPoll: true, SQPollCPU: -1},
	} {
		t.Run(fmt.Sprintf("sqpoll=%v/without=%v", opt.SQPoll, opt.Without), func(t *testing.T) {
			r := openRing(t, opt)
			require(t, r, OpSendZC)
			_, fd := udpPair(t) // what the receiver has no room for is dropped
			slab := newSlab(t, 1000, sends)
			for i := range uint64(sends) {
				lease, _ := slab.Lease()
				buf := lease.Buffer(int(i%1000 + 1))
				var err error
				within(t, "the queue has room", func() bool {
					if _, err = r.PrepareSendZC(Descriptor(fd), buf, 0, i); err != ErrQueueFull {
						return true
					}
					// The kernel has no reason to refuse: an overflow doesn't stand in
					// the way of submission.
					if _, err := r.Submit(); err != nil {
						t.Fatal(err)
					}
					return false
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if _, err := r.PrepareNop(sends); err != ErrInFlight {
				t.Errorf("one more than InFlight: %v; want ErrInFlight", err)
			}
			all := collect(t, r)
			if len(all) != sends || slab.InUse() != 0 {
				t.Errorf("%d of %d sends came back, %d buffers are lent", len(all), sends, slab.InUse())
			}
			for i, o := range all {
				if o.result.Err() != nil || int(o.result.Res) != int(i%1000+1) || o.order != int(i) {
					t.Errorf("send %d: result %+v, the %dth; want %d bytes in its turn", i, o.result, o.order, i%1000+1)
				}
			}
			if r.Overflows() == 0 {
				t.Error("no overflow was counted")
			}
			t.Logf("%d overflows in %d enters", r.Overflows(), r.Enters())
		})
	}
}
