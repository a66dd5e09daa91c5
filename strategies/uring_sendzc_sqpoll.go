//go:build linux

package strategies

import (
	"time"

	"sendbench/uringzc"
)

func uringSendZCSQPoll() Strategy {
	return Strategy{
		Name:     "uring-sendzc-sqpoll",
		Way:      "SEND_ZC from registered buffers, submitted by the kernel's polling thread",
		ZeroCopy: true,
		CPUs:     4,
		Open: func(c Config) (Sender, error) {
			s, err := openFixed(c, uringzc.Options{SQPoll: true, SQPollIdle: 10 * time.Millisecond, SQPollCPU: -1})
			if err != nil {
				return nil, err
			}
			return &sqpollSender{uringSender: s.(*uringSender)}, nil
		},
	}
}

// sqpollSender doesn't enter the kernel to send.
type sqpollSender struct{ *uringSender }

// Threads returns none where /proc doesn't tell which thread it is.
func (s *sqpollSender) Threads() []int {
	if tid := s.ring.SQThread(); tid > 0 {
		return []int{tid}
	}
	return nil
}
