//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// referenceDir holds the reference sender in C, the twin.
const referenceDir = "testdata/reference"

// twinStrategies are the strategies that the twin has too.
var twinStrategies = []string{"write", "sendmmsg-zc", "uring-send", "uring-sendzc", "uring-sendzc-fixed"}

// compilerMissing says why C programs that use liburing can't be built here, nil
// where they can.
func compilerMissing(t *testing.T) error {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		return fmt.Errorf("needs a C compiler: install gcc and libc6-dev: %w", err)
	}
	probe := filepath.Join(t.TempDir(), "probe.c")
	if err := os.WriteFile(probe, []byte("#include <liburing.h>\nint main(void) { return 0; }\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := compile(t.Context(), probe+".out", probe); err != nil {
		return fmt.Errorf("needs liburing: install liburing-dev (%w)", err)
	}
	return nil
}

// compile builds a C program with liburing.
func compile(ctx context.Context, program string, arguments ...string) error {
	arguments = append([]string{"-O2", "-o", program}, append(arguments, "-luring")...)
	if out, err := exec.CommandContext(ctx, "gcc", arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("gcc: %w: %s", err, out)
	}
	return nil
}

// buildTwin compiles the twin and returns the program's path. Where there is no
// compiler the test is skipped.
func buildTwin(t *testing.T) string {
	t.Helper()
	if err := compilerMissing(t); err != nil {
		t.Skip(err)
	}
	sources, err := filepath.Glob(referenceDir + "/*.c")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "twin")
	if err := compile(t.Context(), program, append([]string{"-Wall", "-Wextra", "-Werror"}, sources...)...); err != nil {
		t.Fatal(err)
	}
	return program
}

// twinOptions say how a twin is started.
type twinOptions struct {
	Program   string
	CPU       int
	Memory    *memory // that its buffers lie in
	RingFlags uint32  // IORING_SETUP flags of its rings
	Proto     string  // results.ProtoUDP or results.ProtoTCP; "" is UDP
	Segment   int     // UDP_SEGMENT of its sockets in bytes, 0 for none
}

// memory is memory that processes can share: both sides of a comparison send from
// it.
type memory struct {
	file  *os.File
	bytes []byte
}

func newMemory(t *testing.T, size int64) *memory {
	t.Helper()
	fd, err := unix.MemfdCreate("buffers", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{file: os.NewFile(uintptr(fd), "buffers")}
	t.Cleanup(func() { m.file.Close() })
	if err := m.file.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if m.bytes, err = unix.Mmap(fd, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Munmap(m.bytes); err != nil {
			t.Error(err)
		}
	})
	strategies.Paint(m.bytes)
	return m
}

// twin is a running twin, with a socket a strategy, as the runner has them.
type twin struct {
	cmd         *exec.Cmd
	stdin       io.WriteCloser
	stdout      *os.File
	answers     *json.Decoder
	descriptors map[string]int // its sockets by strategy
}

// answer is what the twin says of a job: fields of a trial, and the flags that its
// ring was granted.
type answer struct {
	results.Trial
	RingFlags uint32 `json:"ring_flags"`
}

// startTwin starts a twin that sends over a link. Its life ends with ctx.
func startTwin(ctx context.Context, l *link.Link, o twinOptions) (*twin, error) {
	return startTwinOn(ctx, o, func() (int, error) {
		fd, _, err := l.Dial(link.DialOptions{Proto: o.Proto, Segment: o.Segment, SendBuffer: runner.SendBuffer})
		return fd, err
	})
}

// startTwinOn starts a twin that sends over sockets that dial makes, one a strategy.
func startTwinOn(ctx context.Context, o twinOptions, dial func() (fd int, err error)) (_ *twin, err error) {
	tw := &twin{descriptors: map[string]int{}}
	const firstFD = 3 // where ExtraFiles begin
	tw.cmd = exec.CommandContext(ctx, o.Program, strconv.Itoa(o.CPU),
		strconv.Itoa(firstFD), strconv.Itoa(len(o.Memory.bytes)), strconv.FormatUint(uint64(o.RingFlags), 10))
	tw.cmd.Stderr = os.Stderr
	tw.cmd.ExtraFiles = []*os.File{o.Memory.file}
	for _, strategy := range twinStrategies {
		fd, err := dial()
		if err != nil {
			return nil, err
		}
		socket := os.NewFile(uintptr(fd), "socket of "+strategy)
		defer socket.Close() // the twin has its own
		tw.descriptors[strategy] = firstFD + len(tw.cmd.ExtraFiles)
		tw.cmd.ExtraFiles = append(tw.cmd.ExtraFiles, socket)
	}
	if tw.stdin, err = tw.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := tw.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	tw.stdout = stdout.(*os.File)
	tw.answers = json.NewDecoder(stdout)
	return tw, tw.cmd.Start()
}

// twinJob is one stretch of sending.
type twinJob struct {
	Strategy string
	Size     int // bytes
	Batch    int
	Still    bool // one buffer for all, never written to
	Length   time.Duration
	// Hold keeps the caller's Go processor meanwhile, as a sender of the runner's
	// does. The scheduler is less busy with all of them free, and a receiver in this
	// process, which pays for that, would not be the same to both sides.
	Hold bool
}

// send has the twin do a job.
func (tw *twin) send(j twinJob) (answer, error) {
	walk := "walk"
	if j.Still {
		walk = "still"
	}
	job := fmt.Sprintf("send %s %d %d %d %s %d", j.Strategy, tw.descriptors[j.Strategy], j.Size, j.Batch, walk, j.Length)
	if !j.Hold {
		return tw.do(job)
	}
	if err := tw.ask(job); err != nil {
		return answer{}, err
	}
	if err := tw.hold(j.Length + answerLimit); err != nil {
		return answer{}, err
	}
	return tw.answer(job)
}

// answerLimit is longer than the twin takes to answer besides a job's length.
const answerLimit = 5 * time.Second

// hold waits for an answer, so long at most, in a system call that the scheduler isn't
// told of.
func (tw *twin) hold(limit time.Duration) error {
	conn, err := tw.stdout.SyscallConn()
	if err != nil {
		return err
	}
	until := unix.NsecToTimespec(int64(limit))
	return conn.Control(func(fd uintptr) {
		waiting := unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
		// A signal ends this early, which does no harm.
		_, _, _ = unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&waiting)), 1, uintptr(unsafe.Pointer(&until)), 0, 0, 0)
	})
}

// nop has the twin make round trips of batch NOPs each.
func (tw *twin) nop(batch int, length time.Duration) (answer, error) {
	return tw.do(fmt.Sprintf("nop %d %d", batch, length))
}

func (tw *twin) do(job string) (answer, error) {
	if err := tw.ask(job); err != nil {
		return answer{}, err
	}
	return tw.answer(job)
}

func (tw *twin) ask(job string) error {
	if _, err := fmt.Fprintln(tw.stdin, job); err != nil {
		return fmt.Errorf("give the twin a job: %w", err)
	}
	return nil
}

func (tw *twin) answer(job string) (a answer, err error) {
	if err := tw.answers.Decode(&a); err != nil {
		return a, fmt.Errorf("the twin's answer to %q: %w", job, err)
	}
	if a.Error != "" {
		return a, fmt.Errorf("the twin's %s: %s", job, a.Error)
	}
	return a, nil
}

// close ends the twin's input and waits for its end.
func (tw *twin) close() error {
	return errors.Join(tw.stdin.Close(), tw.cmd.Wait())
}
