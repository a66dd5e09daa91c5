//go:build linux

package uringzc

import (
	"errors"
	"flag"
	"math/rand/v2"
	"testing"
)

// madeUp is a ring whose completions a test makes up: the queue is real, the
// kernel isn't there. Its operations hold a lease, a pinned slice, or nothing.
type madeUp struct {
	*Ring
	t    *testing.T
	tail uint32
	slab *Slab

	pinnedBytes *[64]byte
	ops         map[Handle]*expectation // of every operation that ever was
	live        []Handle                // in the order in which they began, over or not
	// What must come out of the ring's counts.
	strays uint64
}

// expectation is what a test knows of an operation, by the words of the package
// documentation and not by how the ring keeps account.
type expectation struct {
	Handle
	userData        uint64
	zeroCopy        bool
	result, release *cqe // as posted, nil before
	taken           int
	abandoned       bool
	lease           Lease // if it holds one
}

// due is how many completions the operation has in all.
func (x *expectation) due() int {
	if x.zeroCopy && (x.result == nil || x.result.flags&cqeMore != 0 || x.release != nil) {
		return 2
	}
	return 1
}

func (x *expectation) came() int {
	n := 0
	if x.result != nil {
		n++
	}
	if x.release != nil {
		n++
	}
	return n
}

func (x *expectation) over() bool { return x.came() == x.due() }

const madeUpSlots = 5

func newMadeUp(t *testing.T) *madeUp {
	slab, err := NewSlab(64, madeUpSlots)
	if err != nil {
		t.Fatal(err)
	}
	m := &madeUp{t: t, slab: slab, pinnedBytes: new([64]byte), ops: map[Handle]*expectation{}}
	word := new([5]uint32)
	m.Ring = &Ring{
		cqes: make([]cqe, 64), cqMask: 63, kernCQTail: &m.tail, kernCQHead: &word[0], kernCQLost: &word[1],
		kernSQHead: &word[2], kernSQTail: &word[3], kernSQFlags: &word[4],
	}
	m.Ring.ops = newOperations(madeUpSlots)
	return m
}

// begin begins an operation, if there is room.
func (m *madeUp) begin(zc bool, holds byte, userData uint64) {
	o := &m.Ring.ops
	if o.free == none {
		if len(m.used()) != madeUpSlots {
			m.t.Fatalf("no room, and %d of %d operations are there", len(m.used()), madeUpSlots)
		}
		return
	}
	x := &expectation{userData: userData, zeroCopy: zc}
	buf := OffHeap(nil)
	switch holds % 4 {
	case 0:
		buf = Bytes(m.pinnedBytes[:])
	case 1:
		lease, ok := m.slab.Lease()
		if !ok {
			// Slots of operations that are over keep completions and no buffer.
			m.t.Fatal("a slot is free and no buffer")
		}
		buf, x.lease = lease.Buffer(64), lease
		if err := lease.lend(); err != nil {
			m.t.Fatal(err)
		}
	}
	kind := state(0)
	if zc {
		kind = zeroCopy
	}
	h := o.begin(kind|m.hold(buf), userData)
	if m.ops[h] != nil {
		m.t.Fatalf("the handle %v was another operation's", h)
	}
	x.Handle = h
	m.ops[h] = x
	if s := m.Ring.ops.find(h); s == nil || s.state&pinned != 0 != (holds%4 == 0) {
		m.t.Fatalf("%v: pinned %v", h, holds%4 != 0)
	}
	m.live = append(m.live, h)
}

// used are the operations that have a slot: not over, or not taken.
func (m *madeUp) used() []*expectation {
	var used []*expectation
	for _, h := range m.live {
		if x := m.ops[h]; !x.over() || !x.abandoned && x.taken < x.due() {
			used = append(used, x)
		}
	}
	return used
}

// post has the kernel post a completion.
func (m *madeUp) post(id uint64, res int32, flags uint32) {
	if m.tail-m.cqHead == uint32(len(m.cqes)) {
		return
	}
	c := &m.cqes[m.tail&m.cqMask]
	*c = cqe{userData: id, res: res, flags: flags}
	m.tail++
}

// see takes note of what the ring is about to find in the queue.
func (m *madeUp) see(c cqe) (expected bool) {
	x := m.ops[Handle{id: c.userData}]
	notif, more := c.flags&cqeNotif != 0, c.flags&cqeMore != 0
	switch {
	case x == nil, notif && more, more && !x.zeroCopy, notif && (!x.zeroCopy || x.release != nil || x.over()), !notif && x.result != nil:
		if c.userData != nobody.id {
			m.strays++
		}
		return false
	case notif:
		x.release = &c
	default:
		x.result = &c
	}
	return !x.abandoned
}

// took checks a completion that came out of the ring.
func (m *madeUp) took(c Completion) {
	m.t.Helper()
	x := m.ops[c.Handle]
	if x == nil || x.abandoned {
		m.t.Fatalf("%+v: of nobody, or of an abandoned operation", c)
	}
	if c.UserData != x.userData {
		m.t.Fatalf("%+v: want user data %d", c, x.userData)
	}
	x.taken++
}

// check holds the ring to what is expected.
func (m *madeUp) check() {
	t := m.t
	t.Helper()
	inFlight, unreleased := 0, 0
	for _, h := range m.live {
		x := m.ops[h]
		open := 0
		if !x.over() {
			open = 1
			if x.zeroCopy {
				unreleased++
			}
		}
		inFlight += open
		if got := m.InFlight(h); got != open {
			t.Fatalf("%v: in flight %d, want %d", h, got, open)
		}
		if x.lease.slab == nil {
			continue
		}
		// The law: lent until the last completion, and not a moment longer.
		lentNow := leaseState(m.slab.buffers[x.lease.number].state.Load()&3) == lent &&
			m.slab.buffers[x.lease.number].state.Load()>>2 == x.lease.generation
		if lentNow != (open == 1) {
			t.Fatalf("%v: buffer lent %v, operation over %v", h, lentNow, open == 0)
		}
		if err := x.lease.Return(); open == 1 && err != ErrLent || open == 0 && err != ErrStaleLease {
			t.Fatalf("%v: a lent or stale lease was returned: %v", h, err)
		}
	}
	if m.InFlight() != inFlight || m.Strays() != m.strays {
		t.Fatalf("%d in flight, %d strays; want %d, %d", m.InFlight(), m.Strays(), inFlight, m.strays)
	}
	o := &m.Ring.ops
	if o.unreleased != unreleased {
		t.Fatalf("%d zero-copy sends unreleased, want %d", o.unreleased, unreleased)
	}
	freeSlots := 0
	for i := o.free; i != none; i = o.slots[i].next {
		if freeSlots++; freeSlots > madeUpSlots || o.slots[i].state != 0 {
			t.Fatal("the list of free slots is broken")
		}
	}
	if used := len(m.used()); freeSlots+used != madeUpSlots {
		t.Fatalf("%d slots free and %d used of %d", freeSlots, used, madeUpSlots)
	}
	kept, before := 0, uint32(none)
	for i := o.kept; i != none; i = o.slots[i].next {
		s := &o.slots[i]
		if s.prev != before || s.state&anyKept == 0 || s.state&dropped != 0 {
			t.Fatal("the list of kept completions is broken")
		}
		before = i
		for _, k := range []state{resultKept, releaseKept} {
			if s.state&k != 0 {
				kept++
			}
		}
	}
	if before != o.last || kept != o.keeps {
		t.Fatalf("%d completions kept, %d counted", kept, o.keeps)
	}
}

// drain posts what is due of every operation and takes all: at the end nothing
// may be left.
func (m *madeUp) drain() {
	m.take(1)
	for _, x := range m.used() {
		if x.result == nil {
			flags := uint32(0)
			if x.zeroCopy {
				flags = cqeMore
			}
			m.post(x.id, 1, flags)
		}
		if x.zeroCopy && x.release == nil && (x.result == nil || x.result.flags&cqeMore != 0) {
			m.post(x.id, 0, cqeNotif)
		}
		m.take(3)
	}
	for i := range m.Ring.ops.leases {
		if m.Ring.ops.leases[i] != (Lease{}) {
			m.t.Fatal("a lease that was given back is still known")
		}
	}
	m.check()
	if m.InFlight() != 0 || len(m.used()) != 0 || m.slab.InUse() != 0 {
		m.t.Fatalf("after everything was posted: %d in flight, %d slots and %d buffers in use", m.InFlight(), len(m.used()), m.slab.InUse())
	}
	if err := m.slab.Close(); err != nil {
		m.t.Fatal(err)
	}
}

// take takes all that there is, so many at a time.
func (m *madeUp) take(room int) {
	into := make([]Completion, room)
	for {
		expected := m.Ring.ops.keeps
		for i := m.cqHead; expected < room && i != m.tail; i++ {
			if m.see(m.cqes[i&m.cqMask]) {
				expected++ // Reap stops when its room is full
			}
		}
		n := m.Reap(into)
		if n != min(expected, room) {
			m.t.Fatalf("Reap took %d completions into room for %d; want %d", n, room, min(expected, room))
		}
		for _, c := range into[:n] {
			m.took(c)
		}
		m.check()
		if n == 0 {
			return
		}
	}
}

// keep makes the ring look at all that there is, as an Await does that looks for
// something else.
func (m *madeUp) keep() {
	for i := m.cqHead; i != m.tail; i++ {
		m.see(m.cqes[i&m.cqMask])
	}
	m.keepAll()
}

// await takes a completion of one operation, without waiting.
func (m *madeUp) await(h Handle, release bool) {
	t := m.t
	t.Helper()
	x := m.ops[h]
	if x != nil && !x.abandoned && m.Ring.ops.find(h) != nil {
		m.keep() // as await does
	}
	var c Completion
	var err error
	switch {
	case x == nil || !x.zeroCopy:
		c, err = m.Await(SingleOp{Handle: h}, 0)
	case release:
		c, err = m.AwaitRelease(ZeroCopyOp{Handle: h}, 0)
	default:
		c, err = m.AwaitResult(ZeroCopyOp{Handle: h}, 0)
	}
	if err == nil {
		if c.Handle != h || c.Notification() != (release && x.zeroCopy) {
			t.Fatalf("awaited %v, release %v; got %+v", h, release, c)
		}
		m.took(c)
		return
	}
	if !errors.Is(err, ErrTimeout) && !errors.Is(err, ErrNoCompletion) {
		t.Fatal(err)
	}
	if errors.Is(err, ErrTimeout) && x.over() {
		t.Fatalf("%v is over, and its completion is waited for", h)
	}
}

// play performs the actions that the bytes spell.
func (m *madeUp) play(script []byte) {
	next := func() byte {
		if len(script) == 0 {
			return 0
		}
		b := script[0]
		script = script[1:]
		return b
	}
	// An operation that is there, or was, or never was.
	pick := func() Handle {
		b := next()
		if used := m.used(); b < 160 && len(used) > 0 {
			return used[int(b)%len(used)].Handle
		}
		if b < 224 && len(m.live) > 0 {
			return m.live[int(b)%len(m.live)]
		}
		return Handle{id: uint64(b&7)<<32 | uint64(next()&7)}
	}
	for len(script) > 0 {
		switch next() % 8 {
		case 0, 1:
			m.begin(next()&1 == 0, next(), uint64(next()))
		case 2, 3, 4:
			flags := []uint32{0, cqeMore, cqeNotif, cqeMore, cqeNotif, cqeMore | cqeNotif, 1 << 16, cqeNotif | 1<<5}[next()%8]
			res := []int32{0, 64, -1, -125, -1 << 31, 1<<31 - 1}[next()%6]
			m.post(pick().id, res, flags)
		case 5:
			m.take(int(next()%8) + 1)
		case 6:
			m.await(pick(), next()&1 == 0)
		case 7:
			h := pick()
			m.Abandon(h)
			if x := m.ops[h]; x != nil && (!x.over() || x.taken < x.due()) {
				x.abandoned = true
			}
		}
		m.check()
	}
	m.drain()
}

// FuzzLifecycle makes completions up, late, doubled, out of order, of unknown and
// of stale operations, and holds the ring to what it promises: a buffer is lent
// until its operation's last completion and given back once; each completion that
// is due is handed out once, or dropped if the operation was abandoned; the rest
// changes nothing and is counted.
func FuzzLifecycle(f *testing.F) {
	for holds := range byte(3) {
		f.Add([]byte{0, 0, holds, 1, 2, 1, 1, 0, 2, 2, 0, 0, 5, 1})                                // sent, released, taken
		f.Add([]byte{0, 0, holds, 1, 2, 2, 0, 0, 2, 1, 1, 0, 5, 0, 5, 0})                          // released before the result
		f.Add([]byte{0, 0, holds, 1, 2, 0, 2, 0, 2, 2, 0, 0, 6, 0, 0})                             // refused; a release that isn't due
		f.Add([]byte{0, 1, holds, 1, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0, 1, 250, 3, 5, 7})               // doubled, unknown
		f.Add([]byte{0, 0, holds, 1, 0, 0, holds, 2, 7, 0, 2, 1, 1, 0, 2, 2, 0, 0, 6, 1, 0, 5, 2}) // abandoned
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 1<<12 {
			t.Skip("long")
		}
		newMadeUp(t).play(script)
	})
}

var lifecycleSeed = flag.Uint64("lifecycle-seed", 1, "seed of TestLifecycle's scripts")

// TestLifecycle plays random scripts, which reach further in a moment than the
// seeds of the fuzz test.
func TestLifecycle(t *testing.T) {
	random := rand.New(rand.NewPCG(*lifecycleSeed, 0))
	for range 2000 {
		script := make([]byte, random.IntN(400))
		for i := range script {
			script[i] = byte(random.Uint32())
		}
		newMadeUp(t).play(script)
		if t.Failed() {
			t.Fatalf("script %v", script)
		}
	}
}

// TestGenerationComesRound lets a slot's generation run over its width: 0 is
// passed over, since it is the zero Handle's.
func TestGenerationComesRound(t *testing.T) {
	o := newOperations(1)
	o.slots[0].handle = handleOf(0, 1<<32-1)
	last := o.begin(0, 0)
	o.recycle(&o.slots[0])
	if o.find(last) != nil || o.find(Handle{}) != nil {
		t.Error("a stale handle, or the zero one, names an operation")
	}
	if h := o.begin(0, 0); h.generation() != 1 {
		t.Errorf("generation %d after the largest; want 1", h.generation())
	}
}
