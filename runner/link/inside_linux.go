package link

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// marker is the environment variable by which a process knows that it is
// isolated. It holds a passage.
const marker = "SENDBENCH_NAMESPACE"

// passage is how a process came into its network namespace. Isolate writes one
// with Outside; the process inside writes it anew with Inside, for its children.
// Namespaces are told apart by the inode numbers of their files.
type passage struct {
	How     privilege `json:"how"`
	Outside uint64    `json:"outside,omitempty"` // where Isolate was called
	Inside  uint64    `json:"inside,omitempty"`  // where the process is that has taken it
	Report  int       `json:"report,omitempty"`  // descriptor for the report to Isolate
	Life    int       `json:"life,omitempty"`    // descriptor that is at its end when Isolate's process is gone
}

// reportReady is the report of a process that can act in its namespace. Any
// other is an error number, a space, and what failed.
const reportReady = "ready"

// Inside reports whether this process runs in a network namespace that Isolate
// made. In the process that Isolate starts the first call makes sure that it
// can act there, by bringing lo up, and reports that; a process that can't ends
// at once, and Isolate gives the reason. From then on it ends when the process
// that started it does. Its children are inside as well.
func Inside() bool { return dwelling() != "" }

// dwelling is how this process came into its namespace, "" if it isn't inside.
var dwelling = sync.OnceValue(func() privilege {
	var p passage
	if json.Unmarshal([]byte(os.Getenv(marker)), &p) != nil {
		return ""
	}
	here, err := currentNamespace()
	switch {
	case err != nil:
		return ""
	case p.Inside == here:
		return p.How
	case p.Outside == 0 || p.Outside == here || p.Report < 3 || p.Life < 3:
		return "" // a marker that came from somewhere else
	}
	if err := p.take(here); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return p.How
})

// take answers Isolate and makes this process's life depend on its own.
func (p passage) take(here uint64) error {
	unix.CloseOnExec(p.Report)
	unix.CloseOnExec(p.Life)
	report := os.NewFile(uintptr(p.Report), "report")
	defer report.Close()

	const op = "bring up lo in the new namespace"
	if err := bringUpLo(); err != nil {
		errno := unix.EPERM
		errors.As(err, &errno)
		fmt.Fprintf(report, "%d %s", int(errno), op)
		return fmt.Errorf("link: %s: %w", op, err)
	}
	value, err := json.Marshal(passage{How: p.How, Inside: here})
	if err != nil {
		return fmt.Errorf("link: %w", err)
	}
	if err := os.Setenv(marker, string(value)); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	if err := unix.SetNonblock(p.Life, true); err != nil {
		return fmt.Errorf("link: %w", os.NewSyscallError("fcntl", err))
	}
	go endWith(os.NewFile(uintptr(p.Life), "life"))
	if _, err := report.WriteString(reportReady); err != nil {
		return fmt.Errorf("link: report to the process outside: %w", err)
	}
	return nil
}

// endWith kills this process when nobody holds the other end of the pipe. The
// parent-death signal does the same, but a change of credentials clears it.
func endWith(life *os.File) {
	_, _ = life.Read(make([]byte, 1))
	_ = unix.Kill(unix.Getpid(), unix.SIGKILL)
}

// bringUpLo proves power over the namespace: it takes CAP_NET_ADMIN there.
func bringUpLo() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return os.NewSyscallError("netlink", err)
	}
	return os.NewSyscallError("netlink", netlink.LinkSetUp(lo))
}

// currentNamespace returns the inode number of the calling thread's network
// namespace, see namespaces(7).
func currentNamespace() (uint64, error) {
	var st syscall.Stat_t
	if err := syscall.Stat("/proc/thread-self/ns/net", &st); err != nil {
		return 0, fmt.Errorf("link: look at the network namespace: %w", os.NewSyscallError("stat", err))
	}
	return st.Ino, nil
}
