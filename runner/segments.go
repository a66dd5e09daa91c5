//go:build linux

package runner

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/results"
)

// fewSegments is how many segments of one message every kernel with UDP_SEGMENT
// takes (UDP_MAX_SEGMENTS, include/linux/udp.h).
const fewSegments = 64

// segmentsTaken finds out, after a trial that failed, whether the kernel takes as
// many segments in one message as the cell has, by sending one. If it doesn't, the
// error is one that errors.ErrUnsupported is found in. There is no limit to ask
// for, and kernels older than 6.9 may have the larger one too.
func (r *Rig) segmentsTaken(c results.Cell) (err error) {
	if c.Segment == 0 || (c.Size+c.Segment-1)/c.Segment <= fewSegments {
		return nil
	}
	fd, _, err := r.link.Dial(link.DialOptions{Segment: c.Segment, SendBuffer: SendBuffer})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.NewSyscallError("close", unix.Close(fd))) }()
	// EINVAL is the only answer that tells (udp_send_skb, net/ipv4/udp.c).
	if _, err := unix.Write(fd, make([]byte, c.Size)); err != unix.EINVAL {
		return nil
	}
	return &segmentsError{segments: (c.Size + c.Segment - 1) / c.Segment}
}

// segmentsError says that a message has more segments than the kernel takes.
type segmentsError struct{ segments int }

func (e *segmentsError) Error() string {
	return fmt.Sprintf("a message of %d segments is more than this kernel takes (Linux 6.9 and later take %d, older ones %d)",
		e.segments, MaxSegments, fewSegments)
}

func (e *segmentsError) Is(target error) bool { return target == errors.ErrUnsupported }
