package link

import "sendbench/runner/link/control"

// Counts is what a receiver has seen since it was opened.
type Counts struct {
	Messages   int64 // of which every byte arrived, each counted once; see assembler for what loss can make of that
	Bytes      int64 // of payload, in those
	Incomplete int64 // begun, but cut short by loss, by the next message or by content that isn't as sent
	Strays     int64 // datagrams that neither begin a message nor go on with one
	Drops      int64 // what the kernel dropped for lack of room in the receive buffer: datagrams, a GSO super-frame being one

	// By the numbers of each flow's messages, as far as a sequence remembers them.
	// Of those before a flow's first and after its last nothing is known.
	Missing    int64 // that lie between and of which no beginning came
	Reordered  int64 // that began after one with a higher number
	Duplicated int64 // that began again

	Datagrams int64 // that were read, each of those that the kernel left together
	Received  int64 // bytes of payload in those
	Foreign   int64 // datagrams, or connections, left alone since they came from another address than the sender's

	// Kernel and Device are what the kernel and the receiving device of another host
	// counted, whosever it was. They are zero of a receiver on this machine.
	Kernel control.Kernel
	Device Wire
}

// Sub returns what was counted between earlier and c.
func (c Counts) Sub(earlier Counts) Counts {
	return Counts{
		Messages:   c.Messages - earlier.Messages,
		Bytes:      c.Bytes - earlier.Bytes,
		Incomplete: c.Incomplete - earlier.Incomplete,
		Strays:     c.Strays - earlier.Strays,
		Drops:      c.Drops - earlier.Drops,
		Missing:    c.Missing - earlier.Missing,
		Reordered:  c.Reordered - earlier.Reordered,
		Duplicated: c.Duplicated - earlier.Duplicated,
		Datagrams:  c.Datagrams - earlier.Datagrams,
		Received:   c.Received - earlier.Received,
		Foreign:    c.Foreign - earlier.Foreign,
		Kernel:     c.Kernel.Sub(earlier.Kernel),
		Device:     c.Device.Sub(earlier.Device),
	}
}

// Add returns what two receivers have counted.
func (c Counts) Add(other Counts) Counts { return c.Sub(Counts{}.Sub(other)) }

// maxFlows bounds the flows of one receiver, since each has some memory and anyone
// who can forge an address can begin one. Datagrams of more are strays.
const maxFlows = 1024

// assembler puts messages together from the datagrams that carry them, in the
// order in which those arrive. Each flow, told by its source port, has one
// message open at most.
//
// The first datagram of a message alone has its number, and the content of the others
// depends on their place alone. So where as many in a row were lost as make a message or
// several, from inside one to the same place inside a later one, then what is left of
// the two passes for the first. The later one's number is missing, or was the flow's
// last: there are at most Counts.Missing such messages, and one more for each flow.
type assembler struct {
	size   int
	start  func(datagram []byte) (seq uint64, ok bool)
	intact func(payload []byte, offset int) bool // nil: content isn't checked
	flows  map[uint16]*flow
	counts Counts
}

// flow is the message that a sender is in the middle of.
type flow struct {
	seq    uint64
	got    int  // bytes so far, 0 between messages
	again  bool // a message with this number has begun before
	passed sequence
}

// receive takes what one receive call returned: one datagram, or several of the
// length segment that the kernel left together, of which the last may be
// shorter.
func (a *assembler) receive(port uint16, payload []byte, segment int) {
	if segment <= 0 {
		segment = max(len(payload), 1)
	}
	a.counts.Datagrams += int64(max(1, (len(payload)+segment-1)/segment))
	a.counts.Received += int64(len(payload))
	f := a.flows[port]
	if f == nil {
		if len(a.flows) >= maxFlows {
			a.counts.Strays++
			return
		}
		f = &flow{}
		a.flows[port] = f
	}
	for len(payload) > 0 {
		n := min(segment, len(payload))
		a.datagram(f, payload[:n])
		payload = payload[n:]
	}
}

// datagram goes on with the open message or begins one. A stamp inside a
// message can be left over from earlier use of the sender's buffer; it begins a
// new message only with a higher sequence number, since those grow. The open
// message's own stamp can't be inside it: it is its beginning that came twice.
func (a *assembler) datagram(f *flow, payload []byte) {
	seq, starts := a.start(payload)
	if f.got > 0 && starts && seq > f.seq {
		a.cut(f)
	}
	switch {
	case f.got == 0 && !starts:
		a.counts.Strays++
		return
	case f.got == 0:
		a.begin(f, seq)
	case starts && seq == f.seq:
		a.counts.Duplicated++
		return
	}
	if f.got+len(payload) > a.size || a.intact != nil && !a.intact(payload, f.got) {
		a.cut(f)
		return
	}
	f.got += len(payload)
	if f.got == a.size {
		if !f.again {
			a.counts.Messages++
			a.counts.Bytes += int64(a.size)
		}
		f.got = 0
	}
}

// begin opens a message.
func (a *assembler) begin(f *flow, seq uint64) {
	f.seq = seq
	missing, late, again := f.passed.pass(seq)
	f.again = again
	a.counts.Missing += missing
	if late {
		a.counts.Reordered++
	}
	if again {
		a.counts.Duplicated++
	}
}

// cut gives an open message up.
func (a *assembler) cut(f *flow) {
	if !f.again {
		a.counts.Incomplete++
	}
	f.got = 0
}

// cutAll gives up every open message, since nothing that belongs to one can follow, and
// forgets the numbers: each stretch of a sender's begins with 0 again.
func (a *assembler) cutAll() {
	for _, f := range a.flows {
		if f.got > 0 {
			a.cut(f)
		}
		f.passed = sequence{}
	}
}
