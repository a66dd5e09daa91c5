//go:build linux

package strategies

import "sendbench/uringzc"

func uringSendZC() Strategy {
	return Strategy{
		Name:     "uring-sendzc",
		Way:      "IORING_OP_SEND_ZC, a batch a call",
		ZeroCopy: true,
		Open: func(c Config) (Sender, error) {
			u, err := openUring(c, uringzc.Options{}, uringzc.OpSendZC)
			if err != nil {
				return nil, err
			}
			u.feature = "IORING_OP_SEND_ZC"
			u.prepare = func(first uint64, n int) (int, error) {
				for i := range n {
					seq := first + uint64(i)
					if _, err := u.ring.PrepareSendZC(socket, uringzc.OffHeap(u.b.Filled(seq)), u.msgFlags, seq); err != nil {
						return i, err
					}
				}
				return n, nil
			}
			return u.over(c), nil
		},
	}
}
