package probe

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/nic"
	"sendbench/uringzc"
)

// behaviours tries on a link what kernels do differently without lacking anything.
func behaviours(l *link.Link) []Feature {
	return []Feature{sumsSegments(l), countsHugePages()}
}

// unsummed is a device without checksum offload.
const unsummed = "tx-checksum-ip-generic=off"

// sumsSegments sends a message of two segments over the link's device without checksum
// offload: kernels before 6.11 leave the sums of segments to the device, and refuse
// (udp_send_skb, net/ipv4/udp.c).
func sumsSegments(l *link.Link) (found Feature) {
	found = Feature{Name: SumsSegments, State: Unknown}
	profile, err := nic.ParseProfile(unsummed)
	if err != nil {
		return untried(found.Name, err)
	}
	undo, err := l.Apply(profile)
	if err != nil {
		return untried(found.Name, err)
	}
	defer func() {
		if err := undo(); err != nil {
			found = untried(SumsSegments, err)
		}
	}()
	fd, _, err := l.Dial(link.DialOptions{Segment: trySegment})
	if err != nil {
		return untried(found.Name, err)
	}
	defer unix.Close(fd)
	switch _, err := unix.Write(fd, make([]byte, 2*trySegment)); err {
	case nil:
		found.State = Yes
	case unix.EIO:
		found.State = No
	default:
		return untried(found.Name, os.NewSyscallError("write", err))
	}
	return found
}

// hugePage is the size in bytes of a transparent huge page on most machines.
const hugePage = 2 << 20

// countsHugePages sends a few bytes from the middle of a registered huge page and asks
// what they count against the receiver's SO_RCVBUF, which is what they counted against
// SO_SNDBUF: from Linux 6.12 on all of the page that is before them too
// (io_sg_from_iter, io_uring/net.c).
func countsHugePages() (found Feature) {
	found = Feature{Name: CountsHugePages, State: Unknown}
	counted, err := countedFromHugePage()
	if err != nil {
		return untried(found.Name, err)
	}
	found.State = No
	if counted >= hugePage/4 {
		found.State = Yes
	}
	return found
}

func countedFromHugePage() (counted int, err error) {
	runtime.LockOSThread() // which owns the ring
	defer runtime.UnlockOSThread()
	mapping, err := unix.Mmap(-1, 0, (hugeTries+1)*hugePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return 0, os.NewSyscallError("mmap", err)
	}
	defer func() {
		if !errors.As(err, new(*uringzc.LeakError)) { // and otherwise the kernel may read it still
			err = errors.Join(err, os.NewSyscallError("munmap", unix.Munmap(mapping)))
		}
	}()
	page, err := hugePageOf(mapping)
	if err != nil {
		return 0, err
	}
	err = over(unix.SOCK_DGRAM, func(sender, receiver int) (err error) {
		ring, err := uringzc.Open(uringzc.Options{Entries: 1, SQPollCPU: -1})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, ring.Close()) }()
		if err := ring.Require(uringzc.OpSendZC); err != nil {
			return err
		}
		if err := ring.RegisterBuffers([][]byte{page}); err != nil {
			return err
		}
		op, err := ring.PrepareSendZC(uringzc.Descriptor(sender), uringzc.Fixed(page[hugePage/2:][:trySegment], 0), 0, 0)
		if err != nil {
			return err
		}
		result, err := ring.AwaitResult(op, loopbackLimit)
		if err == nil {
			err = result.Err()
		}
		if err != nil {
			return err
		}
		counted, err = queued(receiver)
		return err
	})
	return counted, err
}

// hugeTries is how often a huge page is asked for. Linux 6.1 was seen to give none the
// first time.
const hugeTries = 4

// hugePageOf is a huge page of a mapping of so many and one.
func hugePageOf(mapping []byte) ([]byte, error) {
	mapping = mapping[-uintptr(unsafe.Pointer(&mapping[0]))&(hugePage-1):]
	if err := unix.Madvise(mapping[:hugeTries*hugePage], unix.MADV_HUGEPAGE); err != nil {
		return nil, os.NewSyscallError("madvise", err)
	}
	for i := range hugeTries {
		before, err := anonHugePages()
		if err != nil {
			return nil, err
		}
		page := mapping[i*hugePage:][:hugePage]
		page[0] = 1
		after, err := anonHugePages()
		if err != nil {
			return nil, err
		}
		if after >= before+hugePage {
			return page, nil
		}
	}
	return nil, errors.New("the kernel gives no huge page (/sys/kernel/mm/transparent_hugepage/enabled, or memory is short)")
}

// queued is what the packets in a socket's receive queue count against SO_RCVBUF, in
// bytes.
func queued(fd int) (int, error) {
	info, err := link.SocketMemory(fd)
	return int(info[unix.SK_MEMINFO_RMEM_ALLOC]), err
}

// anonHugePages is how much of this process's memory lies in transparent huge pages,
// in bytes (smaps_rollup in proc_pid_smaps(5)).
func anonHugePages() (int, error) {
	const path, name = "/proc/self/smaps_rollup", "AnonHugePages:"
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	_, rest, found := bytes.Cut(text, []byte(name))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, fmt.Errorf("%s has no %s", path, name)
	}
	kilobytes, err := strconv.Atoi(string(fields[0]))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return kilobytes << 10, nil
}

// untried is a behaviour of which nothing is known, and why.
func untried(name string, err error) Feature {
	return Feature{Name: name, State: Unknown, Why: plain(err)}
}
