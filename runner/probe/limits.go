package probe

import (
	"fmt"
	"math"
	"strconv"
)

// Limits are those on what a process sends. -1 is unknown, or a setting that this
// kernel hasn't.
type Limits struct {
	MemlockBytes      int64  `json:"memlock_bytes"` // RLIMIT_MEMLOCK, math.MaxInt64 for no limit
	MemlockExempt     bool   `json:"memlock_exempt"`
	OptmemMaxBytes    int64  `json:"optmem_max_bytes"`
	WmemMaxBytes      int64  `json:"wmem_max_bytes"`
	RmemMaxBytes      int64  `json:"rmem_max_bytes"`
	OpenFiles         int64  `json:"open_files"`        // RLIMIT_NOFILE
	IOUringDisabled   int    `json:"io_uring_disabled"` // the sysctl
	IOUringGroup      int64  `json:"io_uring_group"`    // -1 for no group as well
	SeccompMode       int    `json:"seccomp_mode"`      // 0 none, 1 strict, 2 filter (proc_pid_status(5))
	MaxUserNamespaces int64  `json:"max_user_namespaces"`
	Namespace         string `json:"namespace"` // why there is none of our own, "" where there is
	Notes             []Note `json:"notes"`     // what each means for sends
}

// What the default sweep has in flight or asks for, in bytes.
const (
	sweepLocked = 8 << 20 // two batches of 32 messages of 64000 bytes, and a hot footprint registered
	sweepBuffer = 4 << 20 // SO_SNDBUF
	sweepOptmem = 128 << 10
	sweepFiles  = 64
)

// notes says what each limit means, and how to raise those that are low.
func (l Limits) notes() []Note {
	notes := []Note{
		l.memlock(),
		{
			About: "net.core.optmem_max", Value: bytesWord(l.OptmemMaxBytes),
			Means: "unread notifications of MSG_ZEROCOPY; then ENOBUFS",
			Low:   below(l.OptmemMaxBytes, sweepOptmem), Cure: sysctl("net.core.optmem_max", sweepOptmem),
		},
		{
			About: "net.core.wmem_max", Value: bytesWord(l.WmemMaxBytes),
			Means: "SO_SNDBUF, which is what can be in flight",
			Low:   below(l.WmemMaxBytes, sweepBuffer), Cure: sysctl("net.core.wmem_max", sweepBuffer),
		},
		{
			About: "net.core.rmem_max", Value: bytesWord(l.RmemMaxBytes),
			Means: "SO_RCVBUF, where this host receives",
			Low:   below(l.RmemMaxBytes, sweepBuffer), Cure: sysctl("net.core.rmem_max", sweepBuffer),
		},
		{
			About: "RLIMIT_NOFILE", Value: countWord(l.OpenFiles),
			Means: "each sender takes a socket and a ring",
			Low:   below(l.OpenFiles, sweepFiles), Cure: "ulimit -n 1024",
		},
		l.uring(),
		l.seccomp(),
		l.namespaces(),
	}
	for i := range notes {
		if !notes[i].Low {
			notes[i].Cure = ""
		}
	}
	return notes
}

func (l Limits) memlock() Note {
	n := Note{
		About: "RLIMIT_MEMLOCK", Value: bytesWord(l.MemlockBytes),
		Means: "registered buffers and zero-copy sends in flight, of all of this user's programs together; then ENOMEM or ENOBUFS",
		Low:   below(l.MemlockBytes, sweepLocked), Cure: fmt.Sprintf("ulimit -l %d or more (LimitMEMLOCK= in a systemd unit), or CAP_IPC_LOCK", sweepLocked>>10),
	}
	if l.MemlockExempt {
		n.Value, n.Low = "no limit", false
		n.Means = fmt.Sprintf("CAP_IPC_LOCK passes over it (%s)", bytesWord(l.MemlockBytes))
	}
	return n
}

func (l Limits) uring() Note {
	n := Note{About: "kernel.io_uring_disabled", Value: strconv.Itoa(l.IOUringDisabled), Cure: "as root: sysctl kernel.io_uring_disabled=0"}
	switch l.IOUringDisabled {
	case -1:
		n.Value, n.Means = "unknown", "this kernel hasn't the setting, or doesn't show it"
	case 0:
		n.Means = "every process may use io_uring"
	case 1:
		n.Low, n.Means = true, "only root and one group may use io_uring"
		n.Cure += ", or join the group in kernel.io_uring_group"
		if l.IOUringGroup >= 0 {
			n.Means = fmt.Sprintf("only root and the group %d (kernel.io_uring_group) may use io_uring", l.IOUringGroup)
		}
	default:
		n.Low, n.Means = true, "no process may use io_uring"
	}
	return n
}

func (l Limits) seccomp() Note {
	n := Note{About: "seccomp", Value: "none", Means: "no filter refuses system calls"}
	switch l.SeccompMode {
	case 0:
	case 2:
		n.Value = "filter"
		n.Means = "a filter is on this process, as in a container: what it refuses of io_uring is told above"
	default:
		n.Value, n.Means = "unknown", "whether a filter refuses system calls isn't shown"
	}
	return n
}

func (l Limits) namespaces() Note {
	n := Note{About: "user.max_user_namespaces", Value: countWord(l.MaxUserNamespaces), Means: "in one an ordinary user can have a sink"}
	if l.Namespace != "" {
		n.Low, n.Means = true, "there is no namespace to make links in: "+l.Namespace
	}
	return n
}

// below is false for what is unknown.
func below(value, want int64) bool { return value >= 0 && value < want }

func sysctl(name string, value int64) string {
	return fmt.Sprintf("as root: sysctl %s=%d", name, value)
}

// bytesWord is a number of bytes in the largest unit that leaves it whole.
func bytesWord(n int64) string {
	switch {
	case n < 0:
		return "unknown"
	case n == math.MaxInt64:
		return "no limit"
	case n > 0 && n%(1<<30) == 0:
		return fmt.Sprintf("%d GiB", n>>30)
	case n > 0 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n > 0 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

func countWord(n int64) string {
	switch {
	case n < 0:
		return "unknown"
	case n == math.MaxInt64:
		return "no limit"
	}
	return strconv.FormatInt(n, 10)
}
