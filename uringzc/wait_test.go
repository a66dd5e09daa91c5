//go:build linux

package uringzc

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestWaitTimesOut(t *testing.T) {
	for _, tt := range []struct {
		name    string
		nops    int
		timeout time.Duration
	}{
		{"nothing in flight", 0, 10 * time.Millisecond},
		{"too few", 1, 10 * time.Millisecond},
		{"no time", 1, 0},
		{"negative time", 1, -time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := openRing(t, Options{Entries: 4})
			for i := range tt.nops {
				r.PrepareNop(uint64(i))
			}
			start := time.Now()
			n, err := r.SubmitAndWait(2, tt.timeout)
			if n != tt.nops || !errors.Is(err, ErrTimeout) || !errors.Is(err, unix.ETIME) {
				t.Errorf("SubmitAndWait = %d, %v; want %d, ErrTimeout", n, err, tt.nops)
			}
			if passed := time.Since(start); passed < tt.timeout {
				t.Errorf("gave up after %v of %v", passed, tt.timeout)
			}
			for i := range tt.nops {
				if c, ok := r.Next(); !ok || c.UserData != uint64(i) {
					t.Errorf("completion %d: %+v, %v", i, c, ok)
				}
			}
		})
	}
}

func TestWaitCountsWhatIsThere(t *testing.T) {
	r := openRing(t, Options{Entries: 4, CQEntries: 4})
	for i := range uint64(4) {
		r.PrepareNop(i)
	}
	if _, err := r.Submit(); err != nil {
		t.Fatal(err)
	}
	before := r.Enters()
	// 1000 is more than the queue can ever hold.
	if n, err := r.SubmitAndWait(1000, patience); n != 0 || err != nil {
		t.Errorf("SubmitAndWait = %d, %v; want 0", n, err)
	}
	if r.Enters() != before {
		t.Errorf("%d system calls for completions that were there", r.Enters()-before)
	}
}

// fullPipe is a stream whose send buffer is full, so that a send has to wait
// for the reader.
func fullPipe(t *testing.T) (reader *os.File, writer int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	reader = os.NewFile(uintptr(fds[0]), "reader")
	t.Cleanup(func() { reader.Close(); unix.Close(fds[1]) })
	chunk := make([]byte, 1<<16)
	for {
		_, err := unix.SendmsgN(fds[1], chunk, nil, nil, unix.MSG_DONTWAIT)
		if err == unix.EAGAIN {
			return reader, fds[1]
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestWaitSleeps waits for a send that another goroutine makes possible.
func TestWaitSleeps(t *testing.T) {
	for name, opt := range map[string]Options{
		"": {Entries: 4}, "polled": {Entries: 4, SQPoll: true, SQPollCPU: -1},
	} {
		t.Run(name, func(t *testing.T) {
			r := openRing(t, opt)
			reader, writer := fullPipe(t)
			r.PrepareSend(Descriptor(writer), Bytes([]byte("x")), 0, 7)
			if n, err := r.Submit(); n != 1 || err != nil {
				t.Fatalf("Submit = %d, %v; want 1", n, err)
			}
			if c, ok := r.Next(); ok {
				t.Fatalf("a full socket took the data: %+v", c)
			}
			drained := make(chan struct{})
			go func() {
				defer close(drained)
				_, _ = io.Copy(io.Discard, reader)
			}()
			if c := take(t, r, 1)[0]; c.UserData != 7 || c.Res != 1 {
				t.Errorf("completion %+v; want 1 byte", c)
			}
			if err := unix.Shutdown(writer, unix.SHUT_WR); err != nil {
				t.Error(err)
			}
			<-drained
		})
	}
}

// TestWaitOutlivesSignals interrupts the sleeping thread again and again.
func TestWaitOutlivesSignals(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				// The runtime takes SIGURG for its own preemption.
				_ = unix.Tgkill(os.Getpid(), r.thread, unix.SIGURG)
			}
		}
	}()
	const timeout = 20 * time.Millisecond
	start := time.Now()
	_, err := r.SubmitAndWait(1, timeout)
	passed := time.Since(start)
	close(stop)
	<-stopped
	if !errors.Is(err, ErrTimeout) || passed < timeout {
		t.Errorf("error %v after %v; want ErrTimeout after %v", err, passed, timeout)
	}
	r.PrepareNop(1)
	take(t, r, 1)
}
