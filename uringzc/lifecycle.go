//go:build linux

package uringzc

import "runtime"

// operations is the slab in which a ring's operations live from Prepare until
// they are over and their completions taken. Its lists are linked by slot
// numbers, so that nothing is allocated after Open, but for the Pinner of a slot
// when it is first used for Bytes.
//
//	free ──begin──▶ in flight ──last completion──▶ over ──taken──▶ free
//
// An operation is over when its result has come and, if the result carried
// F_MORE, its release: then, and not before, its memory is given back. A
// completion is handed to who asks for it, or kept in the slot until somebody
// does; an abandoned operation's are dropped.
//
// The kernel is not trusted to keep to its protocol: a completion that no
// operation waits for changes nothing and is counted.
type operations struct {
	slots  []slot
	pins   []runtime.Pinner // by slot
	leases []Lease          // by slot

	free uint32 // slot that is used next
	kept uint32 // slot of the first operation with kept completions
	last uint32 // and of the last

	inFlight   int // operations that are not over
	unreleased int // zero-copy sends among them
	abandoned  int // abandoned ones among them
	keeps      int // completions kept
	strays     uint64
}

// slot is the place of one operation, a cache line. It has no pointers, so that
// the garbage collector passes it by.
type slot struct {
	handle     Handle // of the operation in it or, when free, of the next
	userData   uint64
	next, prev uint32 // in the list that it is in
	result     event  // if kept
	release    event  // if kept
	state      state
	_          [22]byte
}

// event is what a completion says.
type event struct {
	res   int32
	flags uint32
}

// state is what has happened to an operation.
type state uint16

const (
	used        state = 1 << iota
	zeroCopy          // two completions are due
	resultCame        // the result
	releaseCame       // the release, or a result that none follows
	resultKept        // came, and nobody has taken it
	releaseKept       //
	dropped           // abandoned: nobody will
	pinned            // the Pinner of this number holds the buffer
	leased            // the Lease of this number is lent
)

const (
	over    = resultCame | releaseCame
	anyKept = resultKept | releaseKept
)

// nobody is the handle of entries that no operation is behind.
var nobody = Handle{}

// none ends a list.
const none = 1<<32 - 1

func newOperations(n uint32) operations {
	o := operations{
		slots: make([]slot, n), pins: make([]runtime.Pinner, n), leases: make([]Lease, n),
		kept: none, last: none, free: none,
	}
	for i := n; i > 0; i-- {
		o.slots[i-1] = slot{handle: handleOf(i-1, 1), next: o.free}
		o.free = i - 1
	}
	return o
}

// begin takes the first free slot, which must be there, for an operation.
func (o *operations) begin(kind state, userData uint64) Handle {
	s := &o.slots[o.free]
	o.free = s.next
	s.state, s.userData = used|kind, userData
	o.inFlight++
	if kind&zeroCopy != 0 {
		o.unreleased++
	}
	return s.handle
}

// find returns the slot of an operation that is not over or has completions that
// nobody took; nil if there is none.
func (o *operations) find(h Handle) *slot {
	if uint64(h.slot()) >= uint64(len(o.slots)) {
		return nil
	}
	if s := &o.slots[h.slot()]; s.state&used != 0 && s.handle == h {
		return s
	}
	return nil
}

// take takes in completions as the kernel posted them, those from head to tail of
// its queue, and hands them out as far as there is room. It returns how many it
// handed out and how far it got. It is only for when none are kept.
func (o *operations) take(queue []cqe, head, tail uint32, into []Completion) (int, uint32) {
	mask := uint32(len(queue) - 1)
	n := 0
	for ; head != tail && n < len(into); head++ {
		c := &queue[head&mask]
		i := uint64(uint32(c.userData))
		if i >= uint64(len(o.slots)) {
			o.complete(c) // a stray
			continue
		}
		s := &o.slots[i]
		into[n] = Completion{Handle: Handle{id: c.userData}, UserData: s.userData, Res: c.res, Flags: c.flags}
		// What nearly all are, in one look each; complete has the rule.
		switch flags := c.flags & (cqeMore | cqeNotif); {
		case s.handle.id != c.userData:
			o.complete(c)
			continue
		case s.state == used|zeroCopy && flags == cqeMore:
			s.state = used | zeroCopy | resultCame
		case s.state == used|zeroCopy|resultCame && flags == cqeNotif:
			o.inFlight--
			o.unreleased--
			o.recycle(s)
		case s.state == used && flags == 0:
			o.inFlight--
			o.recycle(s)
		default:
			if o.complete(c) == nil {
				continue
			}
			if s.state&over == over {
				o.recycle(s)
			}
		}
		n++
	}
	return n, head
}

// complete takes in a completion as the kernel posted it, and returns the slot
// of its operation, for take or keep. It returns nil if there is nothing to
// hand out: the operation is abandoned, or there is none that waits for this.
func (o *operations) complete(c *cqe) *slot {
	h := Handle{id: c.userData}
	s := o.find(h)
	if s == nil || !s.awaits(c.flags) {
		if h != nobody {
			o.strays++
		}
		return nil
	}
	now := s.state
	switch {
	case c.flags&cqeNotif != 0:
		now |= releaseCame
	case c.flags&cqeMore != 0:
		now |= resultCame
	default:
		now |= over
	}
	if now&over == over {
		o.inFlight--
		if now&(zeroCopy|pinned|leased) != 0 {
			o.giveBack(now, h.slot())
		}
	}
	s.state = now
	if now&dropped != 0 {
		if now&over == over {
			o.abandoned--
			o.recycle(s)
		}
		return nil
	}
	return s
}

// awaits reports whether the operation can have a completion with these flags
// yet. The kernel posts the result first; the other order does no harm.
func (s *slot) awaits(flags uint32) bool {
	switch flags & (cqeMore | cqeNotif) {
	case 0:
		return s.state&resultCame == 0
	case cqeMore:
		return s.state&(resultCame|zeroCopy) == zeroCopy
	case cqeNotif:
		return s.state&(releaseCame|zeroCopy) == zeroCopy
	}
	return false
}

// giveBack returns what an operation that is over had borrowed.
func (o *operations) giveBack(held state, i uint32) {
	if held&zeroCopy != 0 {
		o.unreleased--
	}
	if held&pinned != 0 {
		o.pins[i].Unpin()
	}
	if held&leased != 0 {
		_ = o.leases[i].release(lent) // it can't fail: a lent buffer is nobody else's
		o.leases[i] = Lease{}
	}
}

// keep puts a completion that nobody asked for yet into the slot that it came to.
func (o *operations) keep(s *slot, c *cqe) {
	if s.state&anyKept == 0 {
		i := uint32(c.userData)
		s.next, s.prev = none, o.last
		if o.last == none {
			o.kept = i
		} else {
			o.slots[o.last].next = i
		}
		o.last = i
	}
	if c.flags&cqeNotif != 0 {
		s.state |= releaseKept
		s.release = event{c.res, c.flags}
	} else {
		s.state |= resultKept
		s.result = event{c.res, c.flags}
	}
	o.keeps++
}

// takeKept hands out a kept completion of an operation: which is resultKept or
// releaseKept.
func (o *operations) takeKept(i uint32, which state) (Completion, bool) {
	s := &o.slots[i]
	if s.state&which == 0 {
		return Completion{}, false
	}
	e := s.result
	if which == releaseKept {
		e = s.release
	}
	s.state &^= which
	o.keeps--
	c := Completion{Handle: s.handle, UserData: s.userData, Res: e.res, Flags: e.flags}
	if s.state&anyKept == 0 {
		o.unlink(s)
		if s.state&over == over {
			o.recycle(s)
		}
	}
	return c, true
}

// takeFirst hands out a completion of the operation that has kept one longest,
// its result before its release.
func (o *operations) takeFirst() (Completion, bool) {
	if o.kept == none {
		return Completion{}, false
	}
	if c, ok := o.takeKept(o.kept, resultKept); ok {
		return c, true
	}
	return o.takeKept(o.kept, releaseKept)
}

// abandon drops what an operation's completions say, those kept and those to
// come. What it borrowed stays borrowed until it is over.
func (o *operations) abandon(h Handle) {
	s := o.find(h)
	if s == nil || s.state&dropped != 0 {
		return
	}
	for _, which := range []state{resultKept, releaseKept} {
		if s.state&which != 0 {
			s.state &^= which
			o.keeps--
			if s.state&anyKept == 0 {
				o.unlink(s)
			}
		}
	}
	s.state |= dropped
	if s.state&over == over {
		o.recycle(s)
		return
	}
	o.abandoned++
}

// withdraw ends an operation that the kernel has never seen.
func (o *operations) withdraw(h Handle) {
	if s := o.find(h); s != nil {
		o.inFlight--
		o.giveBack(s.state, h.slot())
		if s.state&dropped != 0 {
			o.abandoned--
		}
		o.recycle(s)
	}
}

// unlink takes a slot off the list of those with kept completions.
func (o *operations) unlink(s *slot) {
	if s.prev == none {
		o.kept = s.next
	} else {
		o.slots[s.prev].next = s.next
	}
	if s.next == none {
		o.last = s.prev
	} else {
		o.slots[s.next].prev = s.prev
	}
}

// recycle frees the slot of an operation that is over. From here on its handle
// is stale.
func (o *operations) recycle(s *slot) {
	i := s.handle.slot()
	s.state = 0
	s.next, o.free = o.free, i
	s.handle.id += 1 << 32
	if s.handle.generation() == 0 {
		s.handle = handleOf(i, 1) // 0 is the zero Handle's
	}
}
