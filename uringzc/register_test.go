//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRegisterBuffers(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	huge, err := unix.Mmap(-1, 0, registerMaxBufBytes+1, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(huge) })
	for _, tt := range []struct {
		name string
		bufs [][]byte
		want string
	}{
		{"none", nil, "register 0 buffers: want 1 to 16384"},
		{"too many", make([][]byte, 16385), "register 16385 buffers: want 1 to 16384"},
		{"empty", [][]byte{{1}, {}}, "register buffer 1 of 0 bytes: want 1 to 1073741824"},
		{"too large", [][]byte{huge}, "register buffer 0 of 1073741825 bytes: want 1 to 1073741824"},
	} {
		if err := r.RegisterBuffers(tt.bufs); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %q", tt.name, err, tt.want)
		}
	}
	if err := r.RegisterBuffers([][]byte{huge[:4096]}); !errors.Is(err, unix.EFAULT) {
		t.Errorf("memory that can't be read: %v; want EFAULT", err)
	}
	if err := r.UnregisterBuffers(); !errors.Is(err, unix.ENXIO) {
		t.Errorf("unregister nothing: %v; want ENXIO", err)
	}
	buf := [][]byte{make([]byte, 4096)}
	for range 3 {
		if err := r.RegisterBuffers(buf); err != nil {
			t.Fatal(err)
		}
		if err := r.RegisterBuffers(buf); !errors.Is(err, unix.EBUSY) {
			t.Errorf("second registration: %v; want EBUSY", err)
		}
		if err := r.UnregisterBuffers(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRegisterFiles(t *testing.T) {
	r := openRing(t, Options{Entries: 4})
	receiver, fd := udpPair(t)
	for _, tt := range []struct {
		fds  []int
		want string
	}{
		{nil, "register 0 files: want at least 1"},
		{[]int{fd, -2}, "register file 1: -2 is no descriptor"},
		{[]int{1 << 40}, "register file 0: 1099511627776 is no descriptor"},
	} {
		if err := r.RegisterFiles(tt.fds); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v; want %q", tt.fds, err, tt.want)
		}
	}
	if err := r.RegisterFiles([]int{1 << 20}); !errors.Is(err, unix.EBADF) {
		t.Errorf("a descriptor that isn't open: %v; want EBADF", err)
	}
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.RegisterFiles([]int{dup}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Close(dup); err != nil { // the ring holds its own reference
		t.Fatal(err)
	}
	r.PrepareSend(RegisteredFile(0), Bytes([]byte("x")), 0, 1)
	r.PrepareSend(RegisteredFile(1), Bytes([]byte("x")), 0, 2)
	c := take(t, r, 2)
	slices.SortFunc(c, byUserData) // before Linux 5.18 the one that has no file is over first
	if c[0].Res != 1 || c[1].Err() != unix.EBADF {
		t.Errorf("index 0: %+v, index 1: %+v; want 1 byte and EBADF", c[0], c[1])
	}
	if got := receive(t, receiver); got != "x" {
		t.Errorf("received %q", got)
	}
	if err := r.UnregisterFiles(); err != nil {
		t.Fatal(err)
	}
}

func TestFDNumbers(t *testing.T) {
	for n, want := range map[int]int32{3: 3, 0: 0, -1: -1, -5: -1, 1 << 31: -1} {
		if got := Descriptor(n).number(); got != want {
			t.Errorf("Descriptor(%d): %d, want %d", n, got, want)
		}
	}
	if got := RegisteredFile(2); got.number() != 2 || got.file>>32 != sqeFixedFile {
		t.Errorf("RegisteredFile(2): %#x", got.file)
	}
	if got := (FD{}).number(); got != -1 {
		t.Errorf("the zero FD: %d, want none", got)
	}
}

// childParts are what a re-executed test binary can do; see TestMain. Each
// returns what it has to tell.
var childParts = map[string]func() string{
	"memlock": func() string {
		if err := becomeOrdinary(); err != nil {
			return "skip: " + err.Error()
		}
		r, err := Open(Options{Entries: 4})
		if err != nil {
			return fmt.Sprint("skip: ", err)
		}
		defer r.Close()
		// Only now: what this user's other processes hold counts as well, and
		// the queues themselves might not fit.
		if err := limitLockedMemory(1 << 16); err != nil {
			return "skip: " + err.Error()
		}
		return describe(r.RegisterBuffers([][]byte{make([]byte, 1<<20)}))
	},
	"memlock-queues": func() string {
		if err := becomeOrdinary(); err != nil {
			return "skip: " + err.Error()
		}
		if err := limitLockedMemory(0); err != nil {
			return "skip: " + err.Error()
		}
		r, err := Open(Options{Entries: 4096})
		if err == nil {
			r.Close()
			return "skip: this kernel doesn't account the queues"
		}
		return describe(err)
	},
	"seccomp-EPERM":  func() string { return openUnderSeccomp(unix.EPERM) },
	"seccomp-ENOSYS": func() string { return openUnderSeccomp(unix.ENOSYS) },
}

// becomeOrdinary gives up root, if we are.
func becomeOrdinary() error {
	if os.Getuid() != 0 {
		return nil
	}
	const nobody = 65534
	return os.NewSyscallError("setuid", unix.Setuid(nobody))
}

func limitLockedMemory(bytes uint64) error {
	return os.NewSyscallError("setrlimit", unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{Cur: bytes, Max: bytes}))
}

// describe shows an error with what the callers of this package look at.
func describe(err error) string {
	var u *UnsupportedError
	if !errors.As(err, &u) {
		return fmt.Sprintf("not an UnsupportedError: %v", err)
	}
	return fmt.Sprintf("unsupported=%v %s", errors.Is(err, errors.ErrUnsupported), err)
}

func TestLockedMemoryLimit(t *testing.T) {
	got := child(t, "memlock")
	want := "unsupported=true IORING_REGISTER_BUFFERS is unsupported here: RLIMIT_MEMLOCK is 65536 bytes " +
		"for all rings and zero-copy sends of this user together, and 1048576 bytes more are needed " +
		"(io_uring_register: cannot allocate memory); cure: ulimit -l 1088 or higher, or CAP_IPC_LOCK"
	if os.Getpagesize() != 4096 && strings.HasPrefix(got, "unsupported=true IORING_REGISTER_BUFFERS") {
		return // the figures are in pages
	}
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLockedMemoryLimitForQueues(t *testing.T) {
	openRing(t, Options{Entries: 1}) // skips where nobody may have one
	got := child(t, "memlock-queues")
	if !strings.HasPrefix(got, "unsupported=true io_uring queues is unsupported here: RLIMIT_MEMLOCK is 0 bytes") {
		t.Errorf("got %s", got)
	}
}
