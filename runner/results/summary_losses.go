package results

// Losses are what became of a row's messages on their way, added up over its valid
// rounds. A count is nil where no round has it: there is no receiver, or it can't
// tell.
type Losses struct {
	Undelivered *int64 // messages of which not every byte arrived

	// Where they were lost, on the way from the sender to the receiver, as those who
	// dropped them count: frames of a device, datagrams of a socket.
	DroppedDevice   *int64
	DroppedPath     *int64
	DroppedReceiver *int64
	DroppedSocket   *int64

	// As the receiver tells by their sequence numbers.
	Missing    *int64
	Reordered  *int64
	Duplicated *int64

	RetransmittedBytes *int64 // by TCP
}

// Any reports whether any count isn't 0.
func (l Losses) Any() bool {
	for _, n := range []*int64{
		l.Undelivered, l.DroppedDevice, l.DroppedPath, l.DroppedReceiver, l.DroppedSocket,
		l.Missing, l.Reordered, l.Duplicated, l.RetransmittedBytes,
	} {
		if n != nil && *n != 0 {
			return true
		}
	}
	return false
}

func (s series) losses() Losses {
	return Losses{
		Undelivered:        s.sum((*Trial).undelivered),
		DroppedDevice:      s.sum(func(t *Trial) *int64 { return t.DroppedDevice }),
		DroppedPath:        s.sum(func(t *Trial) *int64 { return t.DroppedPath }),
		DroppedReceiver:    s.sum(func(t *Trial) *int64 { return t.DroppedReceiver }),
		DroppedSocket:      s.sum(func(t *Trial) *int64 { return t.DroppedSocket }),
		Missing:            s.sum(func(t *Trial) *int64 { return t.Missing }),
		Reordered:          s.sum(func(t *Trial) *int64 { return t.Reordered }),
		Duplicated:         s.sum(func(t *Trial) *int64 { return t.Duplicated }),
		RetransmittedBytes: s.sum(func(t *Trial) *int64 { return t.RetransmittedBytes }),
	}
}

// undelivered is none where more were delivered than sent: a receiver that forgot a
// number counts a message again that comes again.
func (t *Trial) undelivered() *int64 {
	if t.DeliveredMessages == nil {
		return nil
	}
	n := max(0, t.Messages-*t.DeliveredMessages)
	return &n
}

// sum adds a count up over the rounds that have it.
func (s series) sum(f func(*Trial) *int64) *int64 {
	var total *int64
	for _, t := range s.valid {
		if n := f(t); n != nil {
			if total == nil {
				total = new(int64)
			}
			*total += *n
		}
	}
	return total
}
