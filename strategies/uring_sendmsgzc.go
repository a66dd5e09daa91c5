//go:build linux

package strategies

import (
	"unsafe"

	"golang.org/x/sys/unix"
	"sendbench/uringzc"
)

func uringSendMsgZC() Strategy {
	return Strategy{
		Name:     "uring-sendmsgzc",
		Way:      "IORING_OP_SENDMSG_ZC, the segment size in a control message",
		ZeroCopy: true,
		Open:     openSendMsgZC,
	}
}

// sendmsg is the headers of one message in flight. The kernel copies them while
// it prepares or first issues the request, or keeps its own copy if it must wait
// (io_uring/net.c), and so they need to last until the result only; here they
// last as long as the message, and on the same place.
type sendmsg struct {
	header  unix.Msghdr
	vector  unix.Iovec
	control [32]byte
}

func openSendMsgZC(c Config) (Sender, error) {
	u, err := openUring(c, uringzc.Options{}, uringzc.OpSendMsgZC)
	if err != nil {
		return nil, err
	}
	u.feature = "IORING_OP_SENDMSG_ZC"
	messages := make([]sendmsg, 2*c.Batch)
	for i := range messages {
		m := &messages[i]
		m.header.Iov = &m.vector
		m.header.SetIovlen(1)
		if c.Segment > 0 {
			m.setSegment(uint16(c.Segment))
		}
	}
	u.prepare = func(seq uint64, message []byte) bool {
		m := &messages[seq%uint64(u.b.Window())]
		m.vector.Base = &message[0]
		m.vector.SetLen(len(message))
		return u.ring.PrepareSendMsgZC(socket, &m.header, 0, seq)
	}
	return u, nil
}

// setSegment writes the control message UDP_SEGMENT (udp(7)).
func (m *sendmsg) setSegment(size uint16) {
	c := (*unix.Cmsghdr)(unsafe.Pointer(&m.control[0]))
	c.Level, c.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	c.SetLen(unix.CmsgLen(2))
	*(*uint16)(unsafe.Pointer(&m.control[unix.CmsgLen(0)])) = size
	m.header.Control = &m.control[0]
	m.header.SetControllen(unix.CmsgSpace(2))
}
