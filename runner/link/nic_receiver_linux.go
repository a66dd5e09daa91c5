package link

import (
	"context"
	"time"

	"sendbench/runner/link/control"
)

// remoteReceiver is a receiver on another host, which counts and is asked.
type remoteReceiver struct {
	conn *control.Conn
	to   string
}

// listen has the receiver count from 0.
func (r *remote) listen(o ListenOptions) (Receiver, error) {
	receiver := &remoteReceiver{r.conn, r.to.To}
	err := r.conn.Begin(context.Background(), control.Stretch{Size: o.Size, Check: o.Start != nil})
	if err != nil {
		return nil, receiver.told(err)
	}
	return receiver, nil
}

func (r *remoteReceiver) Counts() (Counts, error) {
	c, err := r.conn.Counts(context.Background())
	return countsOf(c), r.told(err)
}

func (r *remoteReceiver) Settle(messages int64, timeout time.Duration) (Counts, error) {
	c, err := r.conn.Settle(context.Background(), messages, timeout)
	return countsOf(c), r.told(err)
}

// Close leaves the receiver as it is: what it counts next begins from 0.
func (r *remoteReceiver) Close() error { return nil }

// told makes an error one of a receiver that is gone, where it is.
func (r *remoteReceiver) told(err error) error {
	if gone := r.conn.Err(); err != nil && gone != nil {
		return &GoneError{To: r.to, Err: gone}
	}
	return err
}

// countsOf is what a receiver on another host has counted.
func countsOf(c control.Counts) Counts {
	return Counts{
		Messages: c.Messages, Bytes: c.Bytes, Incomplete: c.Incomplete, Strays: c.Strays, Drops: c.SocketDrops,
		Missing: c.Missing, Reordered: c.Reordered, Duplicated: c.Duplicated,
		Datagrams: c.Datagrams, Received: c.Received, Foreign: c.Foreign,
		Kernel: c.Kernel, Device: Wire{Frames: c.Device.Frames, Bytes: c.Device.Bytes, Dropped: c.Device.Dropped},
	}
}
