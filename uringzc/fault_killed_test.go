//go:build linux

package uringzc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// killedEnv says which part a process plays in TestKilledInFlight: killedWaits,
// or the address that it sends to.
const (
	killedEnv   = "URINGZC_TEST_KILLED"
	killedWaits = "waits for the memory"
	killedReady = "ready"
)

// TestKilledInFlight kills a process with hundreds of zero-copy sends in flight, from
// registered buffers that leave no room for as many of another process of the
// user. It goes at once, its peer sees the end, and the locked memory is given
// back.
func TestKilledInFlight(t *testing.T) {
	switch part := os.Getenv(killedEnv); part {
	case "":
	case killedWaits:
		waitForLockedMemory(t)
		return
	default:
		sendUntilKilled(t, netip.MustParseAddrPort(part))
		return
	}
	l := listenTCP(t, "127.0.0.1:0", 0)
	sender := startPart(t, l.Addr().String())
	sender.ready(t)
	peer, err := l.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	if err := peer.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	waiter := startPart(t, killedWaits)
	waiter.ready(t)

	start := time.Now()
	if err := sender.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := sender.cmd.Wait(); sender.cmd.ProcessState.ExitCode() != -1 {
		t.Errorf("the killed process ended with %v", err)
	}
	gone := time.Since(start)
	n, err := io.Copy(io.Discard, peer)
	if err != nil && !errors.Is(err, unix.ECONNRESET) || n == 0 {
		t.Errorf("the peer read %d bytes, then %v; want some, then the end or a reset", n, err)
	}
	if rest, err := io.ReadAll(waiter.out); waiter.cmd.Wait() != nil || err != nil || !strings.Contains(string(rest), "--- PASS") {
		t.Errorf("the memory isn't given back: %v\n%s", err, rest)
	}
	t.Logf("gone after %v; its peer read %d bytes and then %v; its memory was another's after %v", gone, n, err, time.Since(start))
}

// killedPart is a process that plays a part.
type killedPart struct {
	cmd *exec.Cmd
	out *bufio.Reader
}

func startPart(t *testing.T, part string) *killedPart {
	t.Helper()
	cmd := alone(t, 0)
	cmd.Env = append(cmd.Env, killedEnv+"="+part)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return &killedPart{cmd: cmd, out: bufio.NewReader(out)}
}

// ready waits for the process to say that it is.
func (p *killedPart) ready(t *testing.T) {
	t.Helper()
	var said strings.Builder
	for {
		line, err := p.out.ReadString('\n')
		said.WriteString(line)
		switch {
		case err != nil && strings.Contains(said.String(), "--- SKIP"):
			t.Skip(said.String())
		case err != nil:
			t.Fatalf("%v after %q", err, said.String())
		case line == killedReady+"\n":
			return
		}
	}
}

// mostLockedMemory is more than half of what this user may lock.
func mostLockedMemory(t *testing.T) int {
	t.Helper()
	becomeNobody(t)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		t.Fatal(err)
	}
	const usual = 8 << 20
	if limit.Cur < 1<<20 {
		t.Skipf("RLIMIT_MEMLOCK is %d bytes; want 1 MiB at least", limit.Cur)
	}
	if err := limitLockedMemory(min(limit.Cur, usual)); err != nil {
		t.Fatal(err)
	}
	return int(pages(int64(min(limit.Cur, usual) * 5 / 8)))
}

func sendUntilKilled(t *testing.T, to netip.AddrPort) {
	const sends = 1000
	size := mostLockedMemory(t) / sends
	r := openRing(t, Options{Entries: sends, SQPollCPU: -1})
	require(t, r, OpSendZC)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The rest waits for room. What TCP has when the process is killed it goes on with,
	// and where the peer's buffer has been full that may be some bytes at a time.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 4096); err != nil {
		t.Fatal(err)
	}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())}); err != nil {
		t.Fatal(err)
	}
	arena := make([]byte, sends*size)
	if err := r.RegisterBuffers([][]byte{arena}); err != nil {
		t.Skip(err) // another process of this user has it
	}
	for i := range sends {
		if _, err := r.PrepareSendZC(Descriptor(fd), Fixed(arena[i*size:(i+1)*size], 0), unix.MSG_WAITALL, uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := r.Submit(); n != sends || err != nil {
		t.Fatalf("Submit = %d, %v; want %d", n, err, sends)
	}
	fmt.Println(killedReady)
	_, err = r.SubmitAndWait(2*sends, 6*patience)
	t.Fatalf("not killed: %v, %d in flight", err, r.InFlight())
}

func waitForLockedMemory(t *testing.T) {
	size := mostLockedMemory(t)
	r := openRing(t, Options{Entries: 4, SQPollCPU: -1})
	arena := [][]byte{make([]byte, size)}
	if err := r.RegisterBuffers(arena); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, unix.ENOMEM) {
		t.Fatalf("while the other lives: %v; want an UnsupportedError with ENOMEM", err)
	}
	fmt.Println(killedReady)
	within(t, "the locked memory comes back", func() bool { return r.RegisterBuffers(arena) == nil })
}
