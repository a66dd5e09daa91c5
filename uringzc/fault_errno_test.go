//go:build linux

package uringzc

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"
)

// sendFails makes a zero-copy send of n bytes fail and holds it to the law: the
// error carries F_MORE and is followed by the release, just as success is, and
// the buffer is the kernel's in between.
func sendFails(t *testing.T, r *Ring, op Op, fd, n int, spoil func(buf []byte), want unix.Errno) {
	t.Helper()
	slab := newSlab(t, 1<<16, 1)
	lease, _ := slab.Lease()
	if spoil != nil {
		spoil(lease.Bytes())
	}
	flags := uint32(unix.MSG_NOSIGNAL)
	if want == unix.EAGAIN {
		flags |= unix.MSG_DONTWAIT // O_NONBLOCK alone doesn't keep io_uring from waiting
	}
	var (
		send ZeroCopyOp
		err  error
	)
	if op == OpSendZC {
		send, err = r.PrepareSendZC(Descriptor(fd), lease.Buffer(n), flags, 9)
	} else {
		send, err = r.PrepareSendMsgZC(Descriptor(fd), lease.Buffer(n), 0, flags, 9)
	}
	if err != nil {
		t.Fatal(err)
	}
	result := take(t, r, 1)[0]
	if result.Err() != want || !result.More() || result.Notification() || result.Handle != send.Handle {
		t.Fatalf("first completion %+v, error %v; want %v with F_MORE", result, result.Err(), want)
	}
	if slab.InUse() != 1 || r.InFlight(send.Handle) != 1 {
		t.Errorf("after the result %d buffers are lent and %d operations in flight; want 1", slab.InUse(), r.InFlight(send.Handle))
	}
	release := take(t, r, 1)[0]
	if !release.Notification() || release.More() || release.Err() != nil || release.Handle != send.Handle {
		t.Fatalf("second completion %+v; want the release", release)
	}
	if slab.InUse() != 0 || r.InFlight() != 0 || r.Strays() != 0 {
		t.Errorf("after the release %d buffers are lent, %d operations in flight, %d strays; want none", slab.InUse(), r.InFlight(), r.Strays())
	}
}

func TestSendZCErrors(t *testing.T) {
	connected := func(t *testing.T) int { _, fd := udpPair(t); return fd }
	for _, tt := range []struct {
		name  string
		want  unix.Errno
		fd    func(t *testing.T) int
		bytes int
		spoil func(buf []byte)
	}{
		{"no such descriptor", unix.EBADF, func(*testing.T) int { return -1 }, 1, nil},
		{"a pipe", unix.ENOTSOCK, func(t *testing.T) int {
			var p [2]int
			if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { unix.Close(p[0]); unix.Close(p[1]) })
			return p[1]
		}, 1, nil},
		{"a byte over what UDP takes", unix.EMSGSIZE, connected, 65508, nil},
		{"not connected", unix.EDESTADDRREQ, func(t *testing.T) int { return udpSocket(t) }, 1, nil},
		{"memory that can't be read", unix.EFAULT, connected, 1, func(buf []byte) {
			if err := unix.Mprotect(buf, unix.PROT_NONE); err != nil {
				t.Fatal(err)
			}
		}},
		{"a Unix socket", unix.EOPNOTSUPP, func(t *testing.T) int {
			fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
			return fds[0]
		}, 1, nil},
		{"nobody there", unix.ECONNREFUSED, func(t *testing.T) int {
			receiver, fd := udpPair(t)
			if err := receiver.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := unix.Write(fd, []byte("x")); err != nil {
				t.Fatal(err)
			}
			if !poll(t, fd, 0, patience) {
				t.Fatal("the refusal doesn't arrive")
			}
			return fd
		}, 1, nil},
		{"a stream that was never connected", unix.EPIPE, func(t *testing.T) int {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { unix.Close(fd) })
			return fd
		}, 1, nil},
		{"shut down for writing", unix.EPIPE, func(t *testing.T) int {
			_, fd := tcpPair(t)
			if err := unix.Shutdown(fd, unix.SHUT_WR); err != nil {
				t.Fatal(err)
			}
			return fd
		}, 1, nil},
		{"reset by the peer", unix.ECONNRESET, func(t *testing.T) int {
			peer, fd := tcpPair(t)
			reset(t, peer, fd)
			return fd
		}, 1, nil},
		{"more segments than there may be", unix.EINVAL, func(t *testing.T) int {
			_, fd := udpPair(t)
			if err := unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT, 10); err != nil {
				t.Fatal(err)
			}
			return fd
		}, 129 * 10, nil},
		{"full and not to wait", unix.EAGAIN, func(t *testing.T) int {
			_, fd := slowTCPPair(t)
			fillTCP(t, fd)
			return fd
		}, 1, nil},
	} {
		for _, op := range []Op{OpSendZC, OpSendMsgZC} {
			t.Run(fmt.Sprintf("%s/%s/%v", unix.ErrnoName(tt.want), tt.name, op), func(t *testing.T) {
				r := openRing(t, Options{Entries: 8})
				require(t, r, op)
				sendFails(t, r, op, tt.fd(t), tt.bytes, tt.spoil, tt.want)
			})
		}
	}
}

// TestSendZCForbidden has a packet filter drop what is sent.
func TestSendZCForbidden(t *testing.T) {
	inNamespace(t, func(t *testing.T) {
		r := openRing(t, Options{Entries: 8})
		require(t, r, OpSendZC)
		_, fd := udpPair(t)
		dropOutput(t)
		sendFails(t, r, OpSendZC, fd, 1, nil, unix.EPERM)
	})
}

// dropOutput has the kernel refuse whatever this namespace sends over IPv4: a
// verdict of the output hook is what the sender gets (nf_hook_slow in
// net/netfilter/core.c).
func dropOutput(t *testing.T) {
	t.Helper()
	rules, err := nftables.New()
	if err != nil {
		t.Skip("no nftables:", err)
	}
	table := rules.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "fault"})
	chain := rules.AddChain(&nftables.Chain{
		Name: "output", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookOutput, Priority: nftables.ChainPriorityFilter,
	})
	rules.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: []expr.Any{&expr.Verdict{Kind: expr.VerdictDrop}}})
	err = rules.Flush()
	for _, missing := range []error{unix.EOPNOTSUPP, unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT, unix.ENOENT} {
		if errors.Is(err, missing) {
			t.Skip("this kernel has no nftables for IPv4:", err)
		}
	}
	if err != nil {
		t.Fatal("set the drop rule:", err)
	}
}

// TestSendZCLockedMemory sends more than the user may lock. Root is exempt, and
// gives itself up.
func TestSendZCLockedMemory(t *testing.T) {
	inProcess(t, func(t *testing.T) {
		const limit, size = 1 << 15, 64000
		becomeNobody(t)
		// The ring comes first: its queues have to fit too.
		r := openRing(t, Options{Entries: 8})
		require(t, r, OpSendZC)
		_, fd := udpPair(t)
		if err := limitLockedMemory(limit); err != nil {
			t.Fatal(err)
		}
		sendFails(t, r, OpSendZC, fd, size, nil, unix.ENOMEM)

		err := LockedMemoryError("IORING_OP_SEND_ZC", size, unix.ENOMEM)
		want := "IORING_OP_SEND_ZC is unsupported here: RLIMIT_MEMLOCK is 32768 bytes for all rings and zero-copy sends " +
			"of this user together, and 64000 bytes more are needed (cannot allocate memory); cure: ulimit -l 95 or higher, or CAP_IPC_LOCK"
		if err.Error() != want || !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, unix.ENOMEM) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	})
}
