package meter

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestTaskCPUOfPollingThread reads the clock of the kernel thread that an
// io_uring ring with IORING_SETUP_SQPOLL has: woken, it spins, so its time goes
// on.
func TestTaskCPUOfPollingThread(t *testing.T) {
	ring := openPollingRing(t)
	tid, err := strconv.Atoi(host.field(fmt.Sprintf("proc/self/fdinfo/%d", ring), "SqThread"))
	if err != nil {
		t.Skip("this kernel doesn't name the polling thread in fdinfo:", err)
	}
	begin, err := TaskCPU(tid)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		wakePollingThread(t, ring)
		now, err := TaskCPU(tid)
		if err != nil {
			t.Fatal(err)
		}
		if now-begin > int64(time.Millisecond) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the polling thread's clock went on by %d ns in 10 s of spinning", now-begin)
		}
	}
}

// TestProcessCPUHasPollingThread holds that what the polling thread spends, this
// process does.
func TestProcessCPUHasPollingThread(t *testing.T) {
	ring := openPollingRing(t)
	tid, err := strconv.Atoi(host.field(fmt.Sprintf("proc/self/fdinfo/%d", ring), "SqThread"))
	if err != nil {
		t.Skip("this kernel doesn't name the polling thread in fdinfo:", err)
	}
	others := otherThreads(t)
	begin, err := TaskCPU(tid)
	if err != nil {
		t.Fatal(err)
	}
	wakePollingThread(t, ring)
	const spent = int64(20 * time.Millisecond)
	deadline := time.Now().Add(10 * time.Second)
	for now := begin; now-begin < spent; {
		if now, err = TaskCPU(tid); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("the polling thread's clock went on by %d ns in 10 s of spinning", now-begin)
		}
	}
	others(spent)
}

// wakePollingThread has the thread look at the ring, which it sleeps through
// until it is told, and then spin for its idle time.
func wakePollingThread(t *testing.T, ring int) {
	t.Helper()
	const enterSQWakeup = 1 << 1 // IORING_ENTER_SQ_WAKEUP
	if _, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(ring), 0, 0, enterSQWakeup, 0, 0); errno != 0 && errno != unix.EINTR {
		t.Fatal(os.NewSyscallError("io_uring_enter", errno))
	}
}

// openPollingRing makes a ring whose kernel thread spins for longer than the
// test takes.
func openPollingRing(t *testing.T) (fd int) {
	t.Helper()
	// struct io_uring_params and its flag, include/uapi/linux/io_uring.h.
	const setupSQPoll = 1 << 1
	params := struct {
		sqEntries, cqEntries, flags, sqThreadCPU, sqThreadIdle, features, wqFD uint32
		rest                                                                   [23]uint32
	}{flags: setupSQPoll, sqThreadIdle: 20_000}
	r, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)), 0)
	if errno != 0 {
		err := os.NewSyscallError("io_uring_setup", errno)
		if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) {
			t.Skip("this machine grants no polling ring:", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(int(r)) })
	return int(r)
}
