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
			u.prepare = func(seq uint64, message []byte) error {
				_, err := u.ring.PrepareSend(socket, uringzc.OffHeap(message), 0, seq)
				return err
			}
			return u, nil
		},
	}
}
