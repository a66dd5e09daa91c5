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
			u, err := openFixed(c, uringzc.Options{SQPoll: true, SQPollIdle: pollIdle, SQPollCPU: c.PollCPU})
			if err != nil {
				return nil, err
			}
			return &sqpollSender{Sender: u.over(c), ring: u.ring}, nil
		},
	}
}

// pollIdle is how long the polling thread goes on after the last send. It is less
// than a warm-up, so that it doesn't reach into the next trial.
const pollIdle = time.Millisecond

// sqpollSender doesn't enter the kernel to send.
type sqpollSender struct {
	Sender
	ring *uringzc.Ring
}

// Threads returns none where /proc doesn't tell which thread it is.
func (s *sqpollSender) Threads() []int {
	if tid := s.ring.SQThread(); tid > 0 {
		return []int{tid}
	}
	return nil
}
