//go:build linux

package uringzc

import (
	"errors"
	"testing"
)

// TestProbe holds what was found by trying against the kernel's own account.
func TestProbe(t *testing.T) {
	c, err := Probe()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", c)
	r := openRing(t, Options{Entries: 4})
	for op, tried := range map[Op]bool{OpNop: true, OpSend: c.Send, OpSendZC: c.SendZC, OpSendMsgZC: c.SendMsgZC} {
		if r.Supports(op) != tried {
			t.Errorf("%v: tried %v, the kernel says %v", op, tried, r.Supports(op))
		}
		if (c.Require(op) == nil) != tried || (r.Require(op) == nil) != tried {
			t.Errorf("%v: Require says %v and %v", op, c.Require(op), r.Require(op))
		}
	}
	if r.Supports(255) {
		t.Error("the kernel is said to support an operation that doesn't exist")
	}
	if c.Flags != r.Flags() || c.Features != r.Features() || c.UsageReports != r.ReportsUsage() {
		t.Errorf("probe %+v; ring %v, %v, reports %v", c, r.Flags(), r.Features(), r.ReportsUsage())
	}
	if c.UsageReports && !c.SendZC {
		t.Error("usage reports without zero-copy sends")
	}
}

// TestTakesRefuses shows that trying can fail.
func TestTakesRefuses(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	require(t, r, OpSendZC)
	const unknown = 1 << 15
	if ok, err := r.takes(OpSendZC, unknown); ok || err != nil {
		t.Errorf("an unknown flag: %v, %v; want refused", ok, err)
	}
	if ok, err := r.takes(255, 0); ok || err != nil {
		t.Errorf("an unknown operation: %v, %v; want refused", ok, err)
	}
	if c, ok := r.Next(); ok {
		t.Errorf("a completion was left behind: %+v", c)
	}
}

// TestTakesWithoutBuffer: what is said of registered buffers without one holds with
// one, for which the kernel looks at different times.
func TestTakesWithoutBuffer(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	require(t, r, OpSendMsgZC)
	without, err := r.takes(OpSendMsgZC, sendFixedBuf)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.RegisterBuffers([][]byte{smallPages(t, 1)}); err != nil {
		t.Fatal(err)
	}
	with, err := r.takes(OpSendMsgZC, sendFixedBuf)
	if with != without || err != nil {
		t.Errorf("SENDMSG_ZC from registered buffers is taken: %v, %v with a buffer and %v without one", with, err, without)
	}
}
