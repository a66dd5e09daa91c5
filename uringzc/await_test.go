//go:build linux

package uringzc

import (
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"runtime"
	"testing"
	"time"
)

// TestAwait awaits sends in another order than they complete in, results and
// releases apart.
func TestAwait(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendZC)
	_, fd := udpPair(t)
	first, err := r.PrepareSendZC(Descriptor(fd), Bytes(make([]byte, 100)), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := r.PrepareSend(Descriptor(fd), Bytes(make([]byte, 200)), 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.PrepareSendZC(Descriptor(fd), Bytes(make([]byte, 300)), 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	if r.InFlight() != 3 || r.InFlight(first.Handle, second.Handle) != 2 {
		t.Errorf("%d in flight, %d zero copy; want 3, 2", r.InFlight(), r.InFlight(first.Handle, second.Handle))
	}
	release, err := r.AwaitRelease(second, patience)
	if err != nil || !release.Notification() || !release.Released() || release.UserData != 3 {
		t.Fatalf("second release: %+v, %v", release, err)
	}
	if r.InFlight(second.Handle) != 0 {
		t.Error("released, and in flight")
	}
	result, err := r.AwaitResult(first, patience)
	if err != nil || result.Res != 100 || !result.More() || result.Notification() || result.Released() {
		t.Fatalf("first result: %+v, %v", result, err)
	}
	if result, err = r.AwaitResult(second, patience); err != nil || result.Res != 300 {
		t.Fatalf("second result, after its release: %+v, %v", result, err)
	}
	for name, await := range map[string]func() (Completion, error){
		"result": func() (Completion, error) { return r.AwaitResult(second, patience) },
		"release": func() (Completion, error) {
			return r.AwaitRelease(second, patience)
		},
		"first result": func() (Completion, error) { return r.AwaitResult(first, patience) },
		"nothing":      func() (Completion, error) { return r.Await(SingleOp{}, patience) },
	} {
		if c, err := await(); err != ErrNoCompletion {
			t.Errorf("a second %s: %+v, %v; want ErrNoCompletion", name, c, err)
		}
	}
	// What is left goes by Next: it was kept, and comes in no system call.
	enters := r.Enters()
	if n, err := r.SubmitAndWait(2, patience); n != 0 || err != nil || r.Enters() != enters {
		t.Errorf("SubmitAndWait = %d, %v in %d system calls for what is kept", n, err, r.Enters()-enters)
	}
	seen := map[uint64]Completion{}
	for c, ok := r.Next(); ok; c, ok = r.Next() {
		seen[c.UserData] = c
	}
	if len(seen) != 2 || !seen[1].Notification() || seen[1].Handle != first.Handle || seen[2].Res != 200 || seen[2].Handle != plain.Handle {
		t.Errorf("Next gave %+v; want the first's release and the plain send", seen)
	}
	if r.InFlight() != 0 || r.Strays() != 0 {
		t.Errorf("%d in flight, %d strays at the end", r.InFlight(), r.Strays())
	}
}

// TestAwaitWithoutRelease: a send that fails at preparation has no release.
func TestAwaitWithoutRelease(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendZC)
	_, fd := udpPair(t)
	for _, resultFirst := range []bool{true, false} {
		op, err := r.PrepareSendZC(Descriptor(fd), Bytes([]byte("x")), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		r.sqes[(r.sqTail-1)&r.sqMask].flags |= skipSuccess
		if resultFirst {
			if c, err := r.AwaitResult(op, patience); err != nil || c.More() || !c.Released() {
				t.Fatalf("result %+v, %v; want one without F_MORE", c, err)
			}
		}
		if c, err := r.AwaitRelease(op, patience); err != ErrNoCompletion {
			t.Errorf("release %+v, %v; want ErrNoCompletion", c, err)
		}
		if !resultFirst {
			if c, err := r.AwaitResult(op, patience); err != nil || c.Err() == nil {
				t.Errorf("result %+v, %v", c, err)
			}
		}
		if r.InFlight() != 0 {
			t.Errorf("%d in flight", r.InFlight())
		}
	}
}

// TestOpsAreDistinct: one kind of operation can't be awaited as the other.
func TestOpsAreDistinct(t *testing.T) {
	single, double := reflect.TypeFor[SingleOp](), reflect.TypeFor[ZeroCopyOp]()
	if single.ConvertibleTo(double) || double.ConvertibleTo(single) || single.AssignableTo(double) {
		t.Error("a plain operation passes for a zero-copy one, or the reverse")
	}
	for name, want := range map[string]reflect.Type{"Await": single, "AwaitResult": double, "AwaitRelease": double} {
		m, ok := reflect.TypeFor[*Ring]().MethodByName(name)
		if !ok || m.Type.In(1) != want {
			t.Errorf("%s takes %v, want %v", name, m.Type.In(1), want)
		}
	}
}

// TestWaitCountsKeptAndAbandoned: what was kept counts as there, and what nobody
// will be told of doesn't.
func TestWaitCountsKeptAndAbandoned(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	var ops [4]SingleOp
	for i := range ops {
		op, err := r.PrepareNop(uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		ops[i] = op
	}
	r.Abandon(ops[1].Handle)
	if _, err := r.Await(ops[0], patience); err != nil { // and keeps those of 2 and 3
		t.Fatal(err)
	}
	if n := r.InFlight(); n != 0 {
		t.Fatalf("%d in flight", n)
	}
	if _, err := r.PrepareNop(4); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SubmitAndWait(3, patience); err != nil {
		t.Errorf("two kept and one to come: %v", err)
	}
	if _, err := r.SubmitAndWait(4, time.Millisecond); err != ErrTimeout {
		t.Errorf("more than there are: %v; want ErrTimeout", err)
	}
	reaped := make([]Completion, 8)
	if n := r.Reap(reaped); n != 3 || reaped[0].UserData != 2 || reaped[1].UserData != 3 || reaped[2].UserData != 4 {
		t.Errorf("%d completions, %+v; want those of 2, 3, 4", n, reaped[:n])
	}
	// One that is abandoned in the queue isn't counted.
	op, err := r.PrepareNop(5)
	if err != nil {
		t.Fatal(err)
	}
	r.Abandon(op.Handle)
	if _, err := r.SubmitAndWait(1, time.Millisecond); err != ErrTimeout {
		t.Errorf("an abandoned operation was waited for: %v", err)
	}
	if r.InFlight() != 0 || r.Strays() != 0 {
		t.Errorf("%d in flight, %d strays", r.InFlight(), r.Strays())
	}
}

func TestAwaitTimesOut(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	_, writer := fullPipe(t)
	op, err := r.PrepareSend(Descriptor(writer), Bytes([]byte("x")), 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, timeout := range []time.Duration{-1, 0, 5 * time.Millisecond} {
		start := time.Now()
		if c, err := r.Await(op, timeout); err != ErrTimeout {
			t.Errorf("%+v, %v; want ErrTimeout", c, err)
		}
		if passed := time.Since(start); passed < timeout {
			t.Errorf("gave up after %v of %v", passed, timeout)
		}
	}
	if r.InFlight(op.Handle) != 1 {
		t.Error("what timed out is no longer in flight")
	}
}

// TestPinned: the collector leaves a buffer that nothing but the kernel knows of,
// until it is released.
func TestPinned(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	_, writer := fullPipe(t)
	collected := make(chan struct{})
	op := func() SingleOp {
		buf := make([]byte, 1<<16)
		runtime.AddCleanup(&buf[0], func(int) { close(collected) }, 0)
		op, err := r.PrepareSend(Descriptor(writer), Bytes(buf), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		return op
	}()
	if _, err := r.Submit(); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		runtime.GC()
	}
	select {
	case <-collected:
		t.Fatal("a buffer was collected while it was lent")
	default:
	}
	if _, err := r.PrepareCancel(op.Handle, 2); err != nil {
		t.Fatal(err)
	}
	if c, err := r.Await(op, patience); err != nil || c.Err() == nil {
		t.Fatalf("%+v, %v; want the cancelled send", c, err)
	}
	for deadline := time.Now().Add(patience); ; {
		runtime.GC()
		select {
		case <-collected:
			return
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("a buffer is still held after its release")
		}
	}
}

// TestAddresses sends to an address with each message, over both families.
func TestAddresses(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendMsgZC)
	for _, network := range []string{"udp4 127.0.0.1", "udp6 ::1"} {
		var name, ip string
		if _, err := fmt.Sscan(network, &name, &ip); err != nil {
			t.Fatal(err)
		}
		listen := func() *net.UDPConn {
			c, err := net.ListenUDP(name, net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 0)))
			if err != nil {
				t.Skip(err)
			}
			t.Cleanup(func() { c.Close() })
			if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			return c
		}
		receivers := []*net.UDPConn{listen(), listen()}
		raw, err := listen().SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		err = raw.Control(func(fd uintptr) {
			for i, receiver := range receivers {
				address := AddressOf(receiver.LocalAddr().(*net.UDPAddr).AddrPort())
				to := Descriptor(int(fd)).To(&address)
				if _, err := r.PrepareSend(to, Bytes(fmt.Append(nil, "plain ", i)), 0, 1); err != nil {
					t.Fatal(err)
				}
				if _, err := r.PrepareSendZC(to, Bytes(fmt.Append(nil, "zero copy ", i)), 0, 2); err != nil {
					t.Fatal(err)
				}
				if _, err := r.PrepareSendMsgZC(to, Bytes(fmt.Append(nil, "message ", i)), 0, 0, 3); err != nil {
					t.Fatal(err)
				}
			}
			for _, c := range take(t, r, 10) {
				if c.Err() != nil {
					t.Errorf("%s: send %d: %v", network, c.UserData, c.Err())
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, receiver := range receivers {
			for _, want := range []string{"plain ", "zero copy ", "message "} {
				if got := receive(t, receiver); got != fmt.Sprint(want, i) {
					t.Errorf("%s: receiver %d got %q, want %q", network, i, got, fmt.Sprint(want, i))
				}
			}
		}
	}
}

func TestScope(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Skip(err)
	}
	for zone, want := range map[string]uint32{"": 0, "7": 7, "lo": uint32(lo.Index), "no such interface": 0} {
		if got := scope(zone); got != want {
			t.Errorf("zone %q: scope %d, want %d", zone, got, want)
		}
	}
	if a := AddressOf(netip.AddrPort{}); a.len != 0 {
		t.Errorf("no address has %d bytes", a.len)
	}
}
