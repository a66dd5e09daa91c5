//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestForbidden(t *testing.T) {
	err := os.NewSyscallError("io_uring_setup", unix.EPERM)
	for _, tt := range []struct {
		sysctl string
		sqPoll bool
		want   string
	}{
		{"1", false, "io_uring is unsupported here: kernel.io_uring_disabled=1 keeps it from processes without CAP_SYS_ADMIN" +
			" (io_uring_setup: operation not permitted); cure: sysctl kernel.io_uring_disabled=0, or join the group in kernel.io_uring_group"},
		{"2", true, "io_uring is unsupported here: kernel.io_uring_disabled=2 keeps it from every process" +
			" (io_uring_setup: operation not permitted); cure: sysctl kernel.io_uring_disabled=0"},
		{"0", true, "io_uring is unsupported here: seccomp or a security module refuses it" +
			" (io_uring_setup: operation not permitted); cure: allow io_uring_setup, io_uring_enter and io_uring_register in the sandbox's profile"},
		{"", true, "IORING_SETUP_SQPOLL is unsupported here: before Linux 5.13 it needs CAP_SYS_NICE, or seccomp or a security module refuses io_uring" +
			" (io_uring_setup: operation not permitted); cure: run as root, or allow io_uring_setup in the sandbox's profile"},
	} {
		t.Run(tt.sysctl, func(t *testing.T) {
			got := forbidden(tt.sysctl, tt.sqPoll, err)
			if got.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", got, tt.want)
			}
			if !errors.Is(got, errors.ErrUnsupported) || !errors.Is(got, unix.EPERM) {
				t.Error("matches not both ErrUnsupported and EPERM")
			}
		})
	}
}

func TestMissingOperation(t *testing.T) {
	for op, want := range map[Op]string{
		OpSend:      "IORING_OP_SEND is unsupported here: it needs Linux 5.6 or later",
		OpSendZC:    "IORING_OP_SEND_ZC is unsupported here: it needs Linux 6.0 or later",
		OpSendMsgZC: "IORING_OP_SENDMSG_ZC is unsupported here: it needs Linux 6.1 or later",
	} {
		err := Capabilities{}.Require(op)
		if err == nil || err.Error() != want || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%v: %v; want %s", op, err, want)
		}
		if again := new(Ring).Require(op); again == nil || again.Error() != want {
			t.Errorf("%v: a ring without it says %v", op, again)
		}
	}
	if err := (Capabilities{SendZC: true}).Require(OpSendZC); err != nil {
		t.Error(err)
	}
}

// openUnderSeccomp has the kernel answer io_uring_setup with an errno, as a
// container's profile does, and opens a ring.
func openUnderSeccomp(errno unix.Errno) string {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // seccomp_data.nr
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_IO_URING_SETUP},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return "skip: no_new_privs: " + err.Error()
	}
	// The filter binds this thread, which the goroutine is locked to.
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program)))
	if e != 0 {
		return "skip: seccomp: " + e.Error()
	}
	r, err := Open(Options{Entries: 4, SQPollCPU: -1})
	if err == nil {
		r.Close()
		return "opened"
	}
	return describe(err)
}

func TestSeccomp(t *testing.T) {
	for part, want := range map[string]string{
		"seccomp-EPERM":  "seccomp or a security module refuses it (io_uring_setup: operation not permitted)",
		"seccomp-ENOSYS": "it needs Linux 5.1 or later (io_uring_setup: function not implemented)",
	} {
		got := child(t, part)
		if sysctl, err := os.ReadFile(disabledSysctl); err == nil && part == "seccomp-EPERM" && strings.TrimSpace(string(sysctl)) != "0" {
			want = fmt.Sprintf("kernel.io_uring_disabled=%s", strings.TrimSpace(string(sysctl)))
		}
		if !strings.HasPrefix(got, "unsupported=true io_uring is unsupported here") || !strings.Contains(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%s: got %q; want one line with %q", part, got, want)
		}
	}
}
