//go:build linux

package uringzc

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// takeZC takes the two events of one zero-copy send and holds them to the law:
// a release follows if and only if the result carries F_MORE.
func takeZC(t *testing.T, r *Ring, userData uint64) (result, release Completion) {
	t.Helper()
	result = take(t, r, 1)[0]
	if result.UserData != userData || result.Notification() || !result.More() {
		t.Fatalf("first completion %+v; want a result with F_MORE of operation %d", result, userData)
	}
	release = take(t, r, 1)[0]
	if release.UserData != userData || !release.Notification() || release.More() || release.Err() != nil {
		t.Fatalf("second completion %+v; want the release of operation %d", release, userData)
	}
	return result, release
}

func TestSend(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	receiver, fd := udpPair(t)
	if err := r.RegisterFiles([]int{-1, fd}); err != nil {
		t.Fatal(err)
	}
	payload := []byte(strings.Repeat("plain ", 1000))
	for _, fd := range []FD{Descriptor(fd), RegisteredFile(1)} {
		r.PrepareSend(fd, Bytes(payload), 0, 1)
		c := take(t, r, 1)[0]
		if c.UserData != 1 || c.Err() != nil || int(c.Res) != len(payload) || c.More() || c.Notification() {
			t.Fatalf("%+v: %+v; want one completion of %d bytes", fd, c, len(payload))
		}
		if got := receive(t, receiver); got != string(payload) {
			t.Fatalf("%+v: received %d bytes that differ", fd, len(got))
		}
	}
	r.PrepareSend(Descriptor(fd), Bytes(nil), 0, 2)
	if c := take(t, r, 1)[0]; c.Err() != nil || c.Res != 0 {
		t.Errorf("empty datagram: %+v", c)
	}
	if got := receive(t, receiver); got != "" {
		t.Errorf("empty datagram: received %q", got)
	}
}

func TestSendZC(t *testing.T) {
	payload := []byte(strings.Repeat("zero copy ", 1000))
	for _, tt := range []struct {
		name    string
		op      Op
		prepare func(t *testing.T, r *Ring, fd int) (ZeroCopyOp, error)
	}{
		{"plain buffer", OpSendZC, func(t *testing.T, r *Ring, fd int) (ZeroCopyOp, error) {
			return r.PrepareSendZC(Descriptor(fd), Bytes(payload), 0, 1)
		}},
		{"registered file", OpSendZC, func(t *testing.T, r *Ring, fd int) (ZeroCopyOp, error) {
			if err := r.RegisterFiles([]int{fd}); err != nil {
				t.Fatal(err)
			}
			return r.PrepareSendZC(RegisteredFile(0), Bytes(payload), 0, 1)
		}},
		{"registered buffer", OpSendZC, func(t *testing.T, r *Ring, fd int) (ZeroCopyOp, error) {
			// The payload lies inside the second buffer, not at its start.
			arena := make([]byte, 1<<16)
			copy(arena[100:], payload)
			if err := r.RegisterBuffers([][]byte{make([]byte, 1), arena}); err != nil {
				t.Fatal(err)
			}
			return r.PrepareSendZC(Descriptor(fd), Fixed(arena[100:100+len(payload)], 1), 0, 1)
		}},
		{"message", OpSendMsgZC, func(t *testing.T, r *Ring, fd int) (ZeroCopyOp, error) {
			return r.PrepareSendMsgZC(Descriptor(fd), Bytes(payload), 0, 0, 1)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := openRing(t, Options{Entries: 8})
			require(t, r, tt.op)
			receiver, fd := udpPair(t)
			op, err := tt.prepare(t, r, fd)
			if err != nil {
				t.Fatal(err)
			}
			if r.InFlight() != 1 || r.InFlight(op.Handle) != 1 {
				t.Errorf("%d in flight, %d of this; want 1", r.InFlight(), r.InFlight(op.Handle))
			}
			result, release := takeZC(t, r, 1)
			if result.Err() != nil || int(result.Res) != len(payload) {
				t.Errorf("result %+v; want %d bytes", result, len(payload))
			}
			// Delivery to a local receiver copies, and the kernel says so.
			if release.Copied() != r.ReportsUsage() {
				t.Errorf("release %+v; want copied = %v on loopback", release, r.ReportsUsage())
			}
			if got := receive(t, receiver); got != string(payload) {
				t.Errorf("received %d bytes that differ", len(got))
			}
		})
	}
}

// TestSendMsgZCControl gives the address and UDP_SEGMENT with the message.
func TestSendMsgZCControl(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendMsgZC)
	receiver, _ := udpPair(t)
	payload := []byte("aaabbbcc")
	address := AddressOf(receiver.LocalAddr().(*net.UDPAddr).AddrPort())
	to := Descriptor(udpSocket(t)).To(&address)
	if _, err := r.PrepareSendMsgZC(to, Bytes(payload), 3, 0, 1); err != nil {
		t.Fatal(err)
	}
	if result, _ := takeZC(t, r, 1); result.Err() != nil || int(result.Res) != len(payload) {
		t.Fatalf("result %+v, error %v; want %d bytes", result, result.Err(), len(payload))
	}
	for _, want := range []string{"aaa", "bbb", "cc"} {
		if got := receive(t, receiver); got != want {
			t.Errorf("received %q, want %q", got, want)
		}
	}
}

const skipSuccess = 1 << 6 // IOSQE_CQE_SKIP_SUCCESS, which zero-copy sends refuse

// TestSendZCRefusedAtPreparation is the other case: no F_MORE, no release.
func TestSendZCRefusedAtPreparation(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendZC)
	_, fd := udpPair(t)
	r.PrepareSendZC(Descriptor(fd), Bytes([]byte("x")), 0, 1)
	r.sqes[(r.sqTail-1)&r.sqMask].flags |= skipSuccess
	r.PrepareNop(2)
	c := take(t, r, 2)
	if c[0].UserData != 1 || c[0].Err() != unix.EINVAL || c[0].More() || c[0].Notification() {
		t.Errorf("result %+v; want EINVAL without F_MORE", c[0])
	}
	if c[1].UserData != 2 {
		t.Errorf("then %+v; want the next operation and no release", c[1])
	}
}

func TestFixedBufferBounds(t *testing.T) {
	r := openRing(t, Options{Entries: 8})
	require(t, r, OpSendZC)
	_, fd := udpPair(t)
	arena := make([]byte, 4096)
	if err := r.RegisterBuffers([][]byte{arena[:1024]}); err != nil {
		t.Fatal(err)
	}
	for name, send := range map[string]func(){
		"past the end":  func() { r.PrepareSendZC(Descriptor(fd), Fixed(arena[1000:1100], 0), 0, 1) },
		"no such index": func() { r.PrepareSendZC(Descriptor(fd), Fixed(arena[:10], 1), 0, 1) },
	} {
		send()
		c := take(t, r, 1)[0]
		if c.Err() != unix.EFAULT {
			t.Errorf("%s: %+v, error %v; want EFAULT", name, c, c.Err())
		}
		if c.More() {
			take(t, r, 1)
		}
	}
}

// TestSubmitAloneBringsReleases never waits: what the kernel defers must come
// forth by Submit, even when there is nothing left to submit.
func TestSubmitAloneBringsReleases(t *testing.T) {
	const sends = 128
	r := openRing(t, Options{Entries: sends})
	require(t, r, OpSendZC)
	_, fd := udpPair(t) // what the receiver has no room for is dropped
	buf := make([]byte, 6000)
	for i := range uint64(sends) {
		if _, err := r.PrepareSendZC(Descriptor(fd), Bytes(buf), 0, i); err != nil {
			t.Fatal(err)
		}
	}
	results, releases := 0, 0
	for deadline := time.Now().Add(patience); releases < sends; {
		if _, err := r.Submit(); err != nil {
			t.Fatal(err)
		}
		for c, ok := r.Next(); ok; c, ok = r.Next() {
			switch {
			case c.Err() != nil || c.More() == c.Notification():
				t.Fatalf("completion %+v: %v", c, c.Err())
			case c.Notification():
				releases++
			default:
				results++
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d results and %d releases of %d", results, releases, sends)
		}
	}
	if results != sends {
		t.Errorf("%d results, want %d", results, sends)
	}
}

// TestBuffersAreOverwrittenAtRelease fills each buffer anew as soon as the
// kernel has let go of it, and never before. The receiver must see every
// message whole.
func TestBuffersAreOverwrittenAtRelease(t *testing.T) {
	const slots, messages, size = 8, 4000, 1500
	r := openRing(t, Options{Entries: slots})
	require(t, r, OpSendZC)
	receiver, fd := udpPair(t)
	arena := smallPages(t, slots*size)
	if err := r.RegisterBuffers([][]byte{arena}); err != nil {
		t.Fatal(err)
	}
	free := make([]int, slots)
	for i := range free {
		free[i] = i
	}
	in, want := make([]byte, size+1), make([]byte, size)
	for sent, released := 0, 0; released < messages; {
		batch := 0
		for ; len(free) > 0 && sent < messages; batch++ {
			slot := free[len(free)-1]
			free = free[:len(free)-1]
			buf := arena[slot*size : (slot+1)*size]
			fill(buf, sent)
			if sent++; sent%2 == 0 {
				r.PrepareSendZC(Descriptor(fd), Bytes(buf), 0, uint64(slot))
			} else {
				r.PrepareSendZC(Descriptor(fd), Fixed(buf, 0), 0, uint64(slot))
			}
		}
		if _, err := r.SubmitAndWait(1, patience); err != nil {
			t.Fatal(err)
		}
		for c, ok := r.Next(); ok; c, ok = r.Next() {
			if c.Err() != nil || !c.Notification() && int(c.Res) != size {
				t.Fatalf("completion %+v: %v", c, c.Err())
			}
			if !c.More() {
				slot := int(c.UserData)
				clear(arena[slot*size : (slot+1)*size])
				free = append(free, slot)
				released++
			}
		}
		// Anew: all of them take a slow machine a while.
		if err := receiver.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			n, err := receiver.Read(in)
			if err != nil {
				t.Fatal(err)
			}
			fill(want, sent-batch+i)
			if !bytes.Equal(in[:n], want) {
				t.Fatalf("message %d arrived damaged", sent-batch+i)
			}
		}
	}
}

// smallPages is memory that isn't part of a huge page, from which the receiver's socket
// would have room for one message only (RegisterBuffers).
func smallPages(t *testing.T, bytes int) []byte {
	t.Helper()
	b, err := unix.Mmap(-1, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(b) })
	if err := unix.Madvise(b, unix.MADV_NOHUGEPAGE); err != nil && err != unix.EINVAL { // of a kernel without huge pages
		t.Fatal(err)
	}
	return b
}

// fill writes a pattern that differs in every message and at every place.
func fill(buf []byte, message int) {
	for i := range buf {
		buf[i] = byte(message>>8) ^ byte(message*7+i*13+i>>8)
	}
}
