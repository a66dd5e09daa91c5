//go:build linux

package strategies

import "sendbench/uringzc"

func uringSendMsgZC() Strategy {
	return Strategy{
		Name:     "uring-sendmsgzc",
		Way:      "IORING_OP_SENDMSG_ZC, the segment size in a control message",
		ZeroCopy: true,
		Open:     openSendMsgZC,
	}
}

func openSendMsgZC(c Config) (Sender, error) {
	u, err := openUring(c, uringzc.Options{}, uringzc.OpSendMsgZC)
	if err != nil {
		return nil, err
	}
	u.feature = "IORING_OP_SENDMSG_ZC"
	u.prepare = func(first uint64, n int) (int, error) {
		for i := range n {
			seq := first + uint64(i)
			if _, err := u.ring.PrepareSendMsgZC(socket, uringzc.OffHeap(u.b.Filled(seq)), uint16(c.Segment), u.msgFlags, seq); err != nil {
				return i, err
			}
		}
		return n, nil
	}
	return u.over(c), nil
}
