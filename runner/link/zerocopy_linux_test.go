package link_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"sendbench/runner/link"
)

// The sink is there for this: the kernel sends without a copy, unless one of
// the reasons that WhyCopied knows stands against it.
func TestZeroCopy(t *testing.T) {
	for _, test := range []struct {
		kind, profile string
		copied        bool
	}{
		{link.Sink, "default", false},
		{link.Sink, "tx-udp-segmentation=off", false},
		{link.Sink, "mtu=9000", false},
		{link.Sink, "tx-scatter-gather=off", true},
		{link.Sink, "tx-checksum-ip-generic=off", true},
		{link.Pair, "default", true},
		{link.Loopback, "default", true},
	} {
		for _, family := range []int{4, 6} {
			t.Run(fmt.Sprintf("%s/%d/%s", test.kind, family, test.profile), func(t *testing.T) {
				l := open(t, test.kind, family)
				apply(t, l, test.profile)
				listen(t, l, 16384)
				copied, err := sendZeroCopy(dial(t, l, link.DialOptions{Segment: 1400}), make([]byte, 16384))
				if errors.Is(err, unix.EIO) && test.copied {
					t.Skipf("this kernel doesn't segment without checksum offload: %v", err)
				}
				if err != nil {
					t.Fatal(err)
				}
				if copied != test.copied {
					t.Errorf("copied is %t, want %t; %s", copied, test.copied, l.WhyCopied(true))
				}
			})
		}
	}
}

// sendZeroCopy sends with MSG_ZEROCOPY and returns what the notification on the
// error queue says (Documentation/networking/msg_zerocopy.rst).
func sendZeroCopy(fd int, payload []byte) (copied bool, err error) {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ZEROCOPY, 1); err != nil {
		return false, err
	}
	if _, err := unix.SendmsgN(fd, payload, nil, nil, unix.MSG_ZEROCOPY); err != nil {
		return false, err
	}
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd)}}, int(settleTimeout.Milliseconds()))
	if err != nil || n == 0 {
		return false, fmt.Errorf("no notification (%w)", err)
	}
	control := make([]byte, 128)
	_, length, _, _, err := unix.Recvmsg(fd, nil, control, unix.MSG_ERRQUEUE)
	if err != nil {
		return false, err
	}
	_, data, _, err := unix.ParseOneSocketControlMessage(control[:length])
	if err != nil {
		return false, err
	}
	// struct sock_extended_err: errno, then a byte each of origin, type, code.
	if errno := binary.NativeEndian.Uint32(data); errno != 0 || data[4] != unix.SO_EE_ORIGIN_ZEROCOPY {
		return false, fmt.Errorf("errno %d from origin %d instead of a notification", errno, data[4])
	}
	return data[6]&unix.SO_EE_CODE_ZEROCOPY_COPIED != 0, nil
}
