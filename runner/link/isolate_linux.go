package link

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// reportTimeout bounds the wait for the re-executed program's first word, which
// it says as soon as it calls Inside.
const reportTimeout = 30 * time.Second

// forwarded signals ask a program to end.
var forwarded = []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT}

// Isolate runs this program once more, with the same arguments, environment
// and standard streams, in a new network namespace, and returns its exit code
// when it ends (128 plus the signal's number if a signal ended it). With
// CAP_SYS_ADMIN and CAP_NET_ADMIN a network namespace is enough; otherwise the
// program gets a user namespace too, in which it is root.
//
// The program that is run again has to call Inside before it does anything
// else. SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on to it, each once; a
// terminal sends them to both processes, so it may see one twice. If this
// process dies, whatever way, the kernel kills the other one.
//
// Where the machine doesn't allow it the error is a *NamespaceError, and
// nothing of the program has run inside. Call it at most once, while no other
// goroutine needs those signals.
func Isolate() (exitCode int, err error) {
	if Inside() {
		return 0, errors.New("link: this process is isolated already: call Isolate only where Inside reports false")
	}
	how, err := choosePrivilege()
	if err != nil {
		return 0, err
	}
	report, reportEnd, err := os.Pipe()
	if err != nil {
		return 0, fmt.Errorf("link: %w", err)
	}
	defer report.Close()
	defer reportEnd.Close()
	lifeEnd, life, err := os.Pipe()
	if err != nil {
		return 0, fmt.Errorf("link: %w", err)
	}
	defer lifeEnd.Close()
	defer life.Close() // at its end of file the program inside ends itself

	cmd, err := again(how, reportEnd, lifeEnd)
	if err != nil {
		return 0, err
	}
	signals := make(chan os.Signal, 2*len(forwarded))
	for _, s := range forwarded {
		if !signal.Ignored(s) { // as under nohup(1): the other inherits that
			signal.Notify(signals, s)
		}
	}
	defer signal.Stop(signals)

	// The parent-death signal is bound to the thread that starts the process
	// (PR_SET_PDEATHSIG(2const)): this one has to live until the other's end.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return 0, startError(how, err)
	}
	reportEnd.Close()
	lifeEnd.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	reported := make(chan error, 1)
	go func() { reported <- readReport(report, how) }()
	return attend(cmd.Process, signals, reported, ended)
}

// again is the command that runs this program in its namespace.
func again(how privilege, report, life *os.File) (*exec.Cmd, error) {
	outside, err := currentNamespace()
	if err != nil {
		return nil, err
	}
	const reportFD, lifeFD = 3, 4 // where ExtraFiles begin
	value, err := json.Marshal(passage{How: how, Outside: outside, Report: reportFD, Life: lifeFD})
	if err != nil {
		return nil, fmt.Errorf("link: %w", err)
	}
	cmd := &exec.Cmd{
		Path:       "/proc/self/exe",
		Args:       os.Args,
		Env:        append(os.Environ(), marker+"="+string(value)),
		Stdin:      os.Stdin,
		Stdout:     os.Stdout,
		Stderr:     os.Stderr,
		ExtraFiles: []*os.File{report, life},
		SysProcAttr: &syscall.SysProcAttr{
			Cloneflags: unix.CLONE_NEWNET,
			Pdeathsig:  unix.SIGKILL,
		},
	}
	if how == byUserNamespace {
		attr := cmd.SysProcAttr
		attr.Cloneflags |= unix.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
		attr.GidMappingsEnableSetgroups = false // the kernel's condition for an unprivileged gid map
	}
	return cmd, nil
}

// attend passes signals on until the process has ended.
func attend(process *os.Process, signals <-chan os.Signal, reported, ended <-chan error) (int, error) {
	var refusal error
	var seen []os.Signal
	for {
		select {
		case s := <-signals:
			if !slices.Contains(seen, s) {
				seen = append(seen, s)
				_ = process.Signal(s) // fails only if it has ended
			}
		case err := <-reported:
			reported = nil
			if refusal = err; err != nil {
				_ = process.Kill()
			}
		case err := <-ended:
			if reported != nil {
				refusal = <-reported
			}
			if refusal != nil {
				return 0, refusal
			}
			return exitCode(err)
		}
	}
}

// readReport waits for the word of the program inside: nil if it can act there.
func readReport(report *os.File, how privilege) error {
	if err := report.SetReadDeadline(time.Now().Add(reportTimeout)); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	b, err := io.ReadAll(report)
	if err != nil {
		return fmt.Errorf("link: the program in the namespace doesn't report that it is ready (it has to call Inside first): %w", err)
	}
	word := string(b)
	if word == reportReady {
		return nil
	}
	number, op, ok := strings.Cut(word, " ")
	errno, err := strconv.ParseUint(number, 10, 16)
	if !ok || err != nil || errno == 0 {
		return errors.New("link: the program in the namespace ended before it called Inside: call it first thing")
	}
	return newNamespaceError(os.DirFS("/proc"), how, op, syscall.Errno(errno))
}

// startError tells a machine that doesn't allow namespaces from other failures.
func startError(how privilege, err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		switch errno {
		case unix.EPERM, unix.EACCES, unix.ENOSPC, unix.EUSERS, unix.ENOSYS, unix.EINVAL:
			return newNamespaceError(os.DirFS("/proc"), how, "make a "+string(how), errno)
		}
	}
	return fmt.Errorf("link: start the program in a %s: %w", how, err)
}

// exitCode reads a process's end as shells do.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &exit):
		return 0, fmt.Errorf("link: wait for the program in the namespace: %w", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return exit.ExitCode(), nil
}

// choosePrivilege looks at the effective capabilities, see capget(2).
func choosePrivilege() (privilege, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return "", fmt.Errorf("link: %w", os.NewSyscallError("capget", err))
	}
	const needed = 1<<unix.CAP_SYS_ADMIN | 1<<unix.CAP_NET_ADMIN // both in the first word
	if data[0].Effective&needed == needed {
		return byCapability, nil
	}
	return byUserNamespace, nil
}
