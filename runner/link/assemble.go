package link

// Counts is what a receiver has seen since it was opened.
type Counts struct {
	Messages   int64 // of which every byte arrived
	Bytes      int64 // of payload, in those
	Incomplete int64 // begun, but cut short by loss, by the next message or by content that isn't as sent
	Strays     int64 // datagrams that neither begin a message nor go on with one
	Drops      int64 // what the kernel dropped for lack of room in the receive buffer: datagrams, a GSO super-frame being one
}

// Sub returns what was counted between earlier and c.
func (c Counts) Sub(earlier Counts) Counts {
	return Counts{
		Messages:   c.Messages - earlier.Messages,
		Bytes:      c.Bytes - earlier.Bytes,
		Incomplete: c.Incomplete - earlier.Incomplete,
		Strays:     c.Strays - earlier.Strays,
		Drops:      c.Drops - earlier.Drops,
	}
}

// assembler puts messages together from the datagrams that carry them, in the
// order in which those arrive. Each flow, told by its source port, has one
// message open at most.
type assembler struct {
	size   int
	start  func(datagram []byte) (seq uint64, ok bool)
	intact func(payload []byte, offset int) bool // nil: content isn't checked
	flows  map[uint16]*flow
	counts Counts
}

// flow is the message that a sender is in the middle of.
type flow struct {
	seq uint64
	got int // bytes so far, 0 between messages
}

// receive takes what one receive call returned: one datagram, or several of the
// length segment that the kernel left together, of which the last may be
// shorter.
func (a *assembler) receive(port uint16, payload []byte, segment int) {
	f := a.flows[port]
	if f == nil {
		f = &flow{}
		a.flows[port] = f
	}
	if segment <= 0 {
		segment = len(payload)
	}
	for len(payload) > 0 {
		n := min(segment, len(payload))
		a.datagram(f, payload[:n])
		payload = payload[n:]
	}
}

// datagram goes on with the open message or begins one. A stamp inside a
// message can be left over from earlier use of the sender's buffer; it begins a
// new message only with a higher sequence number, since those grow.
func (a *assembler) datagram(f *flow, payload []byte) {
	seq, starts := a.start(payload)
	if f.got > 0 && starts && seq > f.seq {
		a.cut(f)
	}
	if f.got == 0 {
		if !starts {
			a.counts.Strays++
			return
		}
		f.seq = seq
	}
	if f.got+len(payload) > a.size || a.intact != nil && !a.intact(payload, f.got) {
		a.cut(f)
		return
	}
	f.got += len(payload)
	if f.got == a.size {
		a.counts.Messages++
		a.counts.Bytes += int64(a.size)
		f.got = 0
	}
}

// cut gives an open message up.
func (a *assembler) cut(f *flow) {
	a.counts.Incomplete++
	f.got = 0
}

// cutAll gives up every open message: nothing that belongs to one can follow.
func (a *assembler) cutAll() {
	for _, f := range a.flows {
		if f.got > 0 {
			a.cut(f)
		}
	}
}
