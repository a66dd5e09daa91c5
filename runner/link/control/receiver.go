package control

import (
	"time"

	"sendbench/runner/results"
)

// MaxSettle bounds the wait of Settle.
const MaxSettle = 10 * time.Second

// Receiver takes the data of one session. Its methods may be called from any
// goroutine; Begin and Settle are never under way at the same time.
type Receiver interface {
	// Ports are where data is taken: of UDP one for each flow, of TCP one.
	Ports() []uint16
	// Peer describes the host. The server adds what was agreed.
	Peer() results.Peer
	// Begin counts from 0. It returns an error for a stretch that the receiver can't
	// take, which is told to the sender.
	Begin(Stretch) error
	// Counts returns what has been received since Begin.
	Counts() (Counts, error)
	// Settle waits until so many messages since Begin are counted, see Conn.Settle.
	Settle(messages int64, timeout time.Duration) (Counts, error)
	// Received is how many bytes of payload have come since the session began, of
	// whatever.
	Received() int64
	// Close gives the ports up and ends a Settle that is under way.
	Close() error
}
