//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/strategies"
)

// streamPeer listens on loopback for the twin's connections, and has buffers so small
// that no message goes in one piece.
func streamPeer(t *testing.T) (l *net.TCPListener, dial func() (int, error)) {
	t.Helper()
	const small = 16 << 10
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fd), "listener")
	defer file.Close()
	if err := errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, small), // what it accepts inherits that
		unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}),
		unix.Listen(fd, len(twinStrategies)),
	); err != nil {
		t.Fatal(err)
	}
	inherited, err := net.FileListener(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { inherited.Close() })
	l = inherited.(*net.TCPListener)
	port := l.Addr().(*net.TCPAddr).Port
	return l, func() (int, error) {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return -1, err
		}
		timeout := unix.NsecToTimeval(int64(time.Millisecond))
		return fd, errors.Join(
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, small),
			unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1),
			unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &timeout),
			unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port}),
		)
	}
}

// openStreamTwin starts a twin that is connected to a peer, and returns the peer's ends
// by strategy.
func openStreamTwin(t *testing.T, program string) (*twin, map[string]net.Conn) {
	t.Helper()
	_, flags, err := goNops(1, time.Millisecond)
	if err != nil {
		t.Skipf("needs io_uring: %v", err)
	}
	l, dial := streamPeer(t)
	tw, err := startTwinOn(t.Context(), twinOptions{
		Program: program, CPU: senderCPU(t), Memory: newMemory(t, 1<<20), RingFlags: uint32(flags),
	}, dial)
	if err != nil {
		t.Fatal(err)
	}
	peers := map[string]net.Conn{}
	for _, strategy := range twinStrategies {
		conn, err := l.Accept() // in the order that they were dialled
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		peers[strategy] = conn
	}
	return tw, peers
}

// readSlowly reads messages of a size that are numbered from 0, and sleeps now and then
// so that the sender has to wait for longer than its socket does.
func readSlowly(conn net.Conn, messages, size int) error {
	const rests = 8
	message := make([]byte, size)
	for want := range uint64(messages) {
		for i, part := 0, (size+rests-1)/rests; i < size; i += part {
			time.Sleep(time.Millisecond)
			if _, err := io.ReadFull(conn, message[i:min(i+part, size)]); err != nil {
				return fmt.Errorf("message %d: %w", want, err)
			}
		}
		if seq, ok := strategies.Stamped(message); !ok || seq != want || !strategies.Intact(message[strategies.StampSize:], strategies.StampSize) {
			return fmt.Errorf("message %d begins with %x and isn't what was sent", want, message[:strategies.StampSize])
		}
	}
	return nil
}

// TestTwinStreams: over a stream whose buffers hold less than a message, and whose
// sends give up after a millisecond, each byte comes once and in its place, and counts
// are of messages.
func TestTwinStreams(t *testing.T) {
	const batch, batches = 4, 3 // the least that a job sends
	tw, peers := openStreamTwin(t, buildTwin(t))
	for _, strategy := range twinStrategies {
		for _, size := range []int{strategies.StampSize, 65536, 100_001} {
			read := make(chan error, 1)
			go func() { read <- readSlowly(peers[strategy], batch*batches, size) }()
			a, err := tw.send(twinJob{Strategy: strategy, Size: size, Batch: batch})
			if err := errors.Join(err, <-read); err != nil {
				t.Fatalf("%s of %d bytes: %v", strategy, size, err)
			}
			zeroCopied := int64(0)
			if s, err := strategies.Lookup(strategy); err != nil {
				t.Fatal(err)
			} else if s.ZeroCopy {
				zeroCopied = a.Messages
			}
			if a.Messages != batch*batches || a.Bytes != a.Messages*int64(size) || a.Notifications != zeroCopied || a.Copied != zeroCopied {
				t.Errorf("%s: says it sent %d messages, %d bytes, with %d notifications, %d copied; want %d of %d bytes, %d notified and copied",
					strategy, a.Messages, a.Bytes, a.Notifications, a.Copied, batch*batches, size, zeroCopied)
			}
			// io_uring goes on with short sends inside the kernel.
			if short := strategy == "write" || strategy == "sendmmsg-zc"; short && size > 65000 && a.Syscalls <= 2*a.Messages {
				t.Errorf("%s of %d bytes: %d system calls for %d messages, so that none was short", strategy, size, a.Syscalls, a.Messages)
			}
		}
	}
	if err := tw.close(); err != nil {
		t.Error(err)
	}
}

// TestTwinStreamEnds: a peer that is gone or takes nothing is an error in bounded time.
func TestTwinStreamEnds(t *testing.T) {
	program := buildTwin(t)
	for _, strategy := range twinStrategies {
		for _, tt := range []struct {
			name  string
			peer  func(net.Conn) error
			wants []string
		}{
			{"gone", net.Conn.Close, []string{"Broken pipe", "Connection reset by peer", "the connection has ended"}},
			{"stuck", func(net.Conn) error { return nil }, []string{"Resource temporarily unavailable", "within a second"}},
		} {
			t.Run(strategy+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				tw, peers := openStreamTwin(t, program)
				if err := tt.peer(peers[strategy]); err != nil {
					t.Fatal(err)
				}
				_, err := tw.send(twinJob{Strategy: strategy, Size: 1 << 18, Batch: 2})
				told := false
				for _, want := range tt.wants {
					told = told || err != nil && strings.Contains(err.Error(), want)
				}
				if !told {
					t.Errorf("answers %v, want one of %q", err, tt.wants)
				}
				var exit *exec.ExitError
				if err := tw.close(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
					t.Errorf("ends with %v, want exit code 1", err)
				}
			})
		}
	}
}
