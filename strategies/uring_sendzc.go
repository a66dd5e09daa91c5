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
			u.prepare = func(seq uint64, message []byte) error {
				_, err := u.ring.PrepareSendZC(socket, uringzc.OffHeap(message), 0, seq)
				return err
			}
			return u, nil
		},
	}
}
