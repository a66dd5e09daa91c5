//go:build linux

package uringzc

import (
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// enterScript answers the io_uring_enter(2) calls of one thread in the kernel's
// place: seccomp stops each at its entry and asks us (seccomp_unotify(2)).
type enterScript struct {
	sync.Mutex
	answers []unix.Errno // to the next calls, in turn; 0 lets one go on
	always  unix.Errno   // to those after
	submits []uint32     // to_submit of the calls seen
}

// next are the answers to the next calls; those after go on.
func (s *enterScript) next(answers ...unix.Errno) {
	s.Lock()
	defer s.Unlock()
	s.answers, s.always, s.submits = answers, 0, nil
}

// ever is the answer to every call from now on, 0 to let them go on.
func (s *enterScript) ever(answer unix.Errno) {
	s.next()
	s.Lock()
	defer s.Unlock()
	s.always = answer
}

// seen is what each call since next wanted to submit.
func (s *enterScript) seen() []uint32 {
	s.Lock()
	defer s.Unlock()
	return slices.Clone(s.submits)
}

// seccompNotif is struct seccomp_notif, seccompAnswer struct seccomp_notif_resp
// (include/uapi/linux/seccomp.h).
type seccompNotif struct {
	id         uint64
	pid, flags uint32
	nr         int32
	arch       uint32
	ip         uint64
	args       [6]uint64
}

type seccompAnswer struct {
	id    uint64
	val   int64
	errno int32
	flags uint32
}

// scriptEnters puts the calling thread, which the goroutine is locked to, under a
// script. It is for a process of the test's own: a thread that waits for the
// answer keeps the garbage collector from stopping the world, and so from letting
// us answer.
func scriptEnters(t *testing.T) *enterScript {
	t.Helper()
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	runtime.GOMAXPROCS(max(4, runtime.GOMAXPROCS(0))) // an enter holds its place while it waits
	blockPreemption(t)
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // seccomp_data.nr
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_IO_URING_ENTER},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		t.Skip("no_new_privs:", err)
	}
	listener, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		t.Skip("seccomp with a listener:", errno)
	}
	s := new(enterScript)
	go s.answer(int(listener))
	return s
}

// blockPreemption keeps the scheduler's signals from the calling thread. One that
// comes between an answer and the caller's waking has the kernel forget the answer
// (seccomp_do_user_notification in kernel/seccomp.c) and make the call again, which
// then takes the next answer.
func blockPreemption(t *testing.T) {
	t.Helper()
	var set unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGURG - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil); err != nil {
		t.Fatal(os.NewSyscallError("rt_sigprocmask", err))
	}
}

// answer serves until the process ends.
func (s *enterScript) answer(listener int) {
	for {
		var call seccompNotif
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&call)))
		if errno == unix.EINTR || errno == unix.ENOENT {
			continue // a signal took the caller, who comes again
		}
		if errno != 0 {
			panic(os.NewSyscallError("receive a system call", errno))
		}
		s.Lock()
		answer := s.always
		if len(s.answers) > 0 {
			answer = s.answers[0]
		}
		reply := seccompAnswer{id: call.id, errno: -int32(answer)}
		if answer == 0 {
			reply.flags = unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE
		}
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&reply)))
		if errno == 0 {
			s.answers = s.answers[min(1, len(s.answers)):]
			s.submits = append(s.submits, uint32(call.args[1]))
		} else if errno != unix.ENOENT {
			panic(os.NewSyscallError("answer a system call", errno))
		}
		s.Unlock()
	}
}
