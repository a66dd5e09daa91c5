//go:build linux

package uringzc

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// childEnv names the part that a re-executed test binary plays instead of
// running tests: what can't be undone in a process, such as giving up root or
// a seccomp filter, is done in one of its own.
const childEnv = "URINGZC_TEST_CHILD"

func TestMain(m *testing.M) {
	part := os.Getenv(childEnv)
	if part == "" {
		skipExamples()
		os.Exit(m.Run())
	}
	runtime.LockOSThread()
	play, ok := childParts[part]
	if !ok {
		os.Stderr.WriteString("no such part: " + part)
		os.Exit(2)
	}
	os.Stdout.WriteString(play())
	os.Exit(0)
}

// skipExamples leaves them out where there is no zero copy by io_uring: unlike a
// test, an example can't skip itself.
func skipExamples() {
	c, err := Probe()
	if err == nil {
		err = c.Require(OpSendZC)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		fmt.Fprintln(os.Stderr, "no examples:", err)
		flag.Parse() // so that what is set now stays
		skip := "^Example"
		if given := flag.Lookup("test.skip").Value.String(); given != "" {
			skip = given + "|" + skip
		}
		if err := flag.Set("test.skip", skip); err != nil {
			panic(err)
		}
	}
}

// child runs the test binary in a part and returns what it printed.
func child(t *testing.T, part string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	// The race detector sleeps for a second before a process ends, or not.
	cmd.Env = append(os.Environ(), childEnv+"="+part, "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("child %s: %v\n%s", part, err, out)
	}
	if why, skip := strings.CutPrefix(string(out), "skip: "); skip {
		t.Skip(why)
	}
	return string(out)
}

const patience = 10 * time.Second // bounds what should take microseconds

// openRing opens a ring for the test's goroutine, which stays on its thread
// until it ends, and closes it after the test.
func openRing(t testing.TB, opt Options) *Ring {
	t.Helper()
	runtime.LockOSThread()
	r, err := Open(opt)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func newSlab(t testing.TB, size, count int) *Slab {
	t.Helper()
	s, err := NewSlab(size, count)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func require(t testing.TB, r *Ring, op Op) {
	t.Helper()
	if err := r.Require(op); err != nil {
		t.Skip(err)
	}
}

// take waits for n completions and takes them.
func take(t testing.TB, r *Ring, n int) []Completion {
	t.Helper()
	if _, err := r.SubmitAndWait(uint32(n), patience); err != nil {
		t.Fatalf("wait for %d completions: %v", n, err)
	}
	got := make([]Completion, 0, n)
	for range n {
		c, ok := r.Next()
		if !ok {
			t.Fatalf("Next: nothing after %d of %d completions", len(got), n)
		}
		got = append(got, c)
	}
	return got
}

// byUserData orders completions as what they are of was prepared, where a test
// numbers that.
func byUserData(a, b Completion) int { return cmp.Compare(a.UserData, b.UserData) }

// udpPair is a receiver on loopback and a socket that is connected to it.
func udpPair(t testing.TB) (receiver *net.UDPConn, sender int) {
	t.Helper()
	receiver, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { receiver.Close() })
	if err := receiver.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	sender = udpSocket(t)
	to := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: receiver.LocalAddr().(*net.UDPAddr).Port}
	if err := unix.Connect(sender, to); err != nil {
		t.Fatal(err)
	}
	return receiver, sender
}

func udpSocket(t testing.TB) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// receive reads one datagram.
func receive(t testing.TB, conn *net.UDPConn) string {
	t.Helper()
	buf := make([]byte, 1<<16)
	n, err := conn.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}
