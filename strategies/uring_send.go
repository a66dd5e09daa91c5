//go:build linux

package strategies

import "sendbench/uringzc"

func uringSend() Strategy {
	return Strategy{
		Name: "uring-send",
		Way:  "IORING_OP_SEND, a batch a call",
		Open: func(c Config) (Sender, error) {
			u, err := openUring(c, uringzc.Options{}, uringzc.OpSend)
			if err != nil {
				return nil, err
			}
			u.feature = "IORING_OP_SEND"
			u.prepare = func(first uint64, n int) (int, error) {
				for i := range n {
					seq := first + uint64(i)
					if _, err := u.ring.PrepareSend(socket, uringzc.OffHeap(u.b.Filled(seq)), u.msgFlags, seq); err != nil {
						return i, err
					}
				}
				return n, nil
			}
			return u.over(c), nil
		},
	}
}
