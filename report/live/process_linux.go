package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// processEnv marks the server's process, in the environment so that a test binary can
// be one, too. Its value is a job.
const processEnv = "SENDBENCH_LIVE"

// Files that the process inherits, where ExtraFiles begin.
const (
	listenerFD = 3
	beforeFD   = 4 // if the job says so
)

// job is what the process is to serve. Its standard input stays open as long as the run
// goes on.
type job struct {
	File   string
	Before bool // there was a file in its place, which beforeFD is
}

// Options are what is served, and where that may be drawn.
type Options struct {
	// File is where the run puts its record. What is there when Start is called isn't
	// taken for it.
	File string
	CPUs []int // to draw on; none for any
}

// Process is a server in a process of its own.
type Process struct {
	cmd  *exec.Cmd
	life *os.File // at its end of file the run is over
}

// IsProcess tells whether this process was started to be a server. Its main function has
// then nothing to do but ServeProcess.
func IsProcess() bool { return os.Getenv(processEnv) != "" }

// Start has this program, run again, serve the page of a run that is about to begin. It
// takes the listener over. The process has the policy SCHED_IDLE (sched(7)): it runs
// when a CPU has nothing else to do. When this process ends, by whatever way, so does
// the other, within Linger.
func Start(l *net.TCPListener, o Options) (*Process, error) {
	socket, err := l.File()
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	defer socket.Close()
	if err := l.Close(); err != nil { // the socket lives on in its other descriptors
		return nil, err
	}
	files := []*os.File{socket}
	before, err := os.Open(o.File)
	switch {
	case err == nil:
		defer before.Close()
		files = append(files, before)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	value, err := json.Marshal(job{File: o.File, Before: before != nil})
	if err != nil {
		return nil, err
	}
	lifeEnd, life, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer lifeEnd.Close()
	cmd := &exec.Cmd{
		Path:       "/proc/self/exe",
		Args:       os.Args[:1],
		Env:        append(os.Environ(), processEnv+"="+string(value)),
		Stdin:      lifeEnd,
		Stderr:     os.Stderr,
		ExtraFiles: files,
		// A group of its own: what a terminal sends to end the run isn't for it.
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true},
	}
	if err := startIdle(cmd, o.CPUs); err != nil {
		return nil, errors.Join(fmt.Errorf("the page's server can't be started: %w", err), life.Close())
	}
	return &Process{cmd, life}, nil
}

// startIdle starts a command that has the policy SCHED_IDLE and runs on some CPUs. Both
// are inherited from the thread that starts it, which is thrown away.
func startIdle(cmd *exec.Cmd, cpus []int) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its goroutine
		done <- func() error {
			if err := becomeIdle(cpus); err != nil {
				return err
			}
			return cmd.Start()
		}()
	}()
	return <-done
}

func becomeIdle(cpus []int) error {
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}
	if err := unix.SchedSetAttr(0, &attr, 0); err != nil {
		return os.NewSyscallError("sched_setattr", err)
	}
	if len(cpus) == 0 {
		return nil
	}
	set := unix.NewCPUSet(cpus[len(cpus)-1] + 1)
	for _, cpu := range cpus {
		set.Set(cpu)
	}
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinityDynamic(0, set))
}

// End says that the run is over, and waits until browsers have its last page.
func (p *Process) End() error {
	kill := time.AfterFunc(Linger+5*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	return errors.Join(p.life.Close(), p.cmd.Wait())
}

// ServeProcess serves what the process was started for, and returns its exit code.
func ServeProcess() int {
	if err := serveProcess(); err != nil {
		fmt.Fprintln(os.Stderr, "sendbench: the page is served no more:", err)
		return 1
	}
	return 0
}

func serveProcess() error {
	var j job
	if err := json.Unmarshal([]byte(os.Getenv(processEnv)), &j); err != nil {
		return err
	}
	socket := os.NewFile(listenerFD, "listener")
	l, err := net.FileListener(socket)
	if err != nil {
		return err
	}
	if err := socket.Close(); err != nil {
		return errors.Join(err, l.Close())
	}
	var before fs.FileInfo
	if j.Before {
		f := os.NewFile(beforeFD, j.File)
		defer f.Close() // not earlier: the number of its inode could be given to another
		if before, err = f.Stat(); err != nil {
			return errors.Join(err, l.Close())
		}
	}
	over := make(chan struct{})
	go func() {
		// The end of standard input is the end of the run.
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(over)
	}()
	s := newServer(j.File, before)
	s.spent = cpuTime // a process that yields takes longer than it costs
	return s.serve(l, over)
}

// cpuTime is the CPU time of this process (getrusage(2)).
func cpuTime() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil { // it fails for an unknown who alone
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
