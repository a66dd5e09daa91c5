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

// segmentsTaken finds out, after a trial that failed, whether the kernel takes the
// cell's messages, as many segments as they have and from this device, by sending
// one. If it doesn't, the error is one that errors.ErrUnsupported is found in. There is
// no limit to ask for, and kernels older than 6.9 may have the larger one too.
func (r *Rig) segmentsTaken(c results.Cell) (err error) {
	if c.Segment == 0 || c.Proto != results.ProtoUDP {
		return nil
	}
	fd, _, err := r.link.Dial(link.DialOptions{Segment: c.Segment, SendBuffer: SendBuffer})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.NewSyscallError("close", unix.Close(fd))) }()
	_, err = unix.Write(fd, make([]byte, c.Size))
	return refusedSegments(err, (c.Size+c.Segment-1)/c.Segment)
}

// refusedSegments is what the answer to a message of so many segments tells of them,
// nil for nothing (udp_send_skb, net/ipv4/udp.c).
func refusedSegments(answer error, segments int) error {
	switch {
	case answer == unix.EINVAL && segments > fewSegments:
		return &segmentsError{segments: segments}
	case answer == unix.EIO:
		return checksumError{}
	}
	return nil
}

// checksumError says that the device leaves checksums to the kernel, and this kernel
// doesn't make those of segments.
type checksumError struct{}

func (checksumError) Error() string {
	return "UDP_SEGMENT takes a device with checksum offload before Linux 6.11, and this one hasn't it, or has it switched off (EIO); --segment off does without"
}

func (checksumError) Is(target error) bool { return target == errors.ErrUnsupported }

// segmentsError says that a message has more segments than the kernel takes.
type segmentsError struct{ segments int }

func (e *segmentsError) Error() string {
	return fmt.Sprintf("a message of %d segments is more than this kernel takes (Linux 6.9 and later take %d, older ones %d)",
		e.segments, MaxSegments, fewSegments)
}

func (e *segmentsError) Is(target error) bool { return target == errors.ErrUnsupported }
