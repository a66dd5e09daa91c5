package link

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
)

// NamespaceError says that the process can't have a network namespace of its
// own, or gets one without power over it. errors.As finds it in what Isolate
// returns; the loopback link still works.
type NamespaceError struct {
	Op      string // what failed
	Setting string // what forbids it, "" where that isn't known
	Cure    string
	Err     error // from the kernel
}

func (e *NamespaceError) Error() string {
	setting := e.Setting
	if setting == "" {
		setting = "no known setting forbids it"
	}
	return fmt.Sprintf("link: can't %s: %v: %s; %s", e.Op, e.Err, setting, e.Cure)
}

func (e *NamespaceError) Unwrap() error { return e.Err }

// privilege is how a process comes by a network namespace.
type privilege string

const (
	byCapability    privilege = "network namespace"          // CLONE_NEWNET alone
	byUserNamespace privilege = "user and network namespace" // CLONE_NEWUSER first
)

// newNamespaceError explains why making or using a namespace failed, from the
// settings under proc, a /proc file system. The reasons for each error number
// are in clone(2), user_namespaces(7) and namespaces(7).
func newNamespaceError(proc fs.FS, how privilege, op string, err error) *NamespaceError {
	e := &NamespaceError{Op: op, Err: err}
	refused := errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES)
	full := errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EUSERS)
	lacking := errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.EINVAL)
	user := how == byUserNamespace

	users, usersKnown := setting(proc, "sys/user/max_user_namespaces")
	nets, netsKnown := setting(proc, "sys/user/max_net_namespaces")
	unprivileged, _ := setting(proc, "sys/kernel/unprivileged_userns_clone")
	apparmor, _ := setting(proc, "sys/kernel/apparmor_restrict_unprivileged_userns")

	switch {
	case lacking && !exists(proc, "self/ns/net"):
		e.Setting = "the kernel is built without CONFIG_NET_NS"
		e.Cure = "use a kernel that has it, or the loopback link"
	case lacking && user && !exists(proc, "self/ns/user"):
		e.Setting = "the kernel is built without CONFIG_USER_NS"
		e.Cure = "run as root, or use the loopback link"
	case user && users == "0":
		e.Setting = "user.max_user_namespaces is 0"
		e.Cure = "as root: sysctl user.max_user_namespaces=10000, or run as root"
	case nets == "0":
		e.Setting = "user.max_net_namespaces is 0"
		e.Cure = "as root: sysctl user.max_net_namespaces=10000"
	case full && user && usersKnown && netsKnown:
		e.Setting = fmt.Sprintf("user.max_user_namespaces (%s) or user.max_net_namespaces (%s) is used up, here or in a namespace around this one, or user namespaces are nested 32 deep", users, nets)
		e.Cure = "end programs that hold namespaces, or as root raise the two settings with sysctl"
	case full && netsKnown:
		e.Setting = fmt.Sprintf("user.max_net_namespaces (%s) is used up, here or in a namespace around this one", nets)
		e.Cure = "end programs that hold namespaces, or as root raise it with sysctl"
	case refused && user && unprivileged == "0":
		e.Setting = "kernel.unprivileged_userns_clone is 0"
		e.Cure = "as root: sysctl kernel.unprivileged_userns_clone=1, or run as root"
	case refused && user && apparmor != "" && apparmor != "0":
		e.Setting = "AppArmor: kernel.apparmor_restrict_unprivileged_userns is " + apparmor
		e.Cure = "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or load an AppArmor profile for the program that allows userns, or run as root"
	case (refused || lacking) && filtered(proc):
		e.Setting = "a seccomp filter, which containers have, is on this process"
		e.Cure = "give the container a seccomp profile that allows unshare and clone with namespace flags, or CAP_SYS_ADMIN and CAP_NET_ADMIN"
	default:
		e.Cure = "look for a security module or a container's limits, run as root, or use the loopback link"
	}
	return e
}

// setting reads one value; ok is false where the kernel hasn't the file or
// doesn't show it.
func setting(proc fs.FS, name string) (value string, ok bool) {
	b, err := fs.ReadFile(proc, name)
	return strings.TrimSpace(string(b)), err == nil
}

func exists(proc fs.FS, name string) bool {
	_, err := fs.Stat(proc, name)
	return !errors.Is(err, fs.ErrNotExist)
}

// filtered reports whether a seccomp filter is on the process: "Seccomp: 2" in
// proc_pid_status(5).
func filtered(proc fs.FS) bool {
	status, _ := setting(proc, "self/status")
	for line := range strings.Lines(status) {
		if mode, ok := strings.CutPrefix(line, "Seccomp:"); ok {
			return strings.TrimSpace(mode) == "2"
		}
	}
	return false
}
