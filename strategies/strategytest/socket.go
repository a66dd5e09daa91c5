//go:build linux

package strategytest

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
	"sendbench/strategies"
)

// paint writes a whole message of which every byte depends on its number, so
// that a buffer refilled too early shows at the receiver.
func paint(m []byte, seq uint64) {
	strategies.Stamp(m, seq)
	for k := strategies.StampSize; k < len(m); k++ {
		m[k] = content(seq, k)
	}
}

func content(seq uint64, k int) byte { return byte(seq*31 + uint64(k)*7 + uint64(k)>>8) }

// receiver is a socket on 127.0.0.1 that takes super-frames whole (UDP_GRO).
type receiver struct {
	fd     int
	port   int
	size   int
	room   int // SO_RCVBUF as granted, in bytes
	closed bool
}

func listen(t *testing.T, size int) *receiver {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{fd: fd, size: size}
	t.Cleanup(func() { r.close(t) })
	must(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<20))
	must(t, unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_GRO, 1))
	must(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 5}))
	r.room, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	must(t, err)
	addr, err := unix.Getsockname(fd)
	must(t, err)
	r.port = addr.(*unix.SockaddrInet4).Port
	return r
}

func (r *receiver) close(t *testing.T) {
	t.Helper()
	if !r.closed {
		r.closed = true
		must(t, unix.Close(r.fd))
	}
}

// take receives messages and checks that they are the next, each whole.
func (r *receiver) take(t *testing.T, first uint64, messages int64) {
	t.Helper()
	buf := make([]byte, 1<<16)
	for seq := first; seq < first+uint64(messages); seq++ {
		for got := 0; got < r.size; {
			n, err := unix.Read(r.fd, buf)
			if err == unix.EINTR {
				continue
			}
			if err != nil {
				t.Fatalf("message %d: %d of %d bytes came: %v", seq, got, r.size, err)
			}
			r.check(t, buf[:n], seq, got)
			got += n
		}
	}
}

func (r *receiver) check(t *testing.T, part []byte, seq uint64, offset int) {
	t.Helper()
	if offset+len(part) > r.size {
		t.Fatalf("message %d: %d bytes at offset %d, the message has %d", seq, len(part), offset, r.size)
	}
	for k, c := range part {
		if k+offset < strategies.StampSize {
			continue
		}
		if c != content(seq, k+offset) {
			t.Fatalf("message %d: byte %d is not what was sent", seq, k+offset)
		}
	}
	if offset == 0 {
		if got := binary.LittleEndian.Uint64(part); got != seq {
			t.Fatalf("message %d came in place of %d", got, seq)
		}
	}
}

func dial(t *testing.T, port, segment int) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, unix.Close(fd)) })
	if segment > 0 {
		must(t, unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT, segment))
	}
	must(t, unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port}))
	return fd
}

func arena(t *testing.T, size int) []byte {
	t.Helper()
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	must(t, err)
	t.Cleanup(func() { must(t, unix.Munmap(memory)) })
	strategies.Paint(memory)
	return memory
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
