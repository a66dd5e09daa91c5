package link

// sequenceWindow is how many numbers up to the highest a sequence remembers: at a
// million messages a second those of 65 ms, in 8 KiB.
const sequenceWindow = 1 << 16

// sequence tells numbers that grow by one from those that are left out, come late or
// come again. Its zero value is ready. A number that is more than sequenceWindow below
// the highest passes for one that comes late for the first time, and, if it was left
// out, stays missing: beyond the window Missing is an upper bound, Duplicated a lower
// one.
type sequence struct {
	first, highest uint64
	begun          bool
	seen           [sequenceWindow / 64]uint64 // a bit for each of the window, by its number modulo that
}

// pass takes the next number that comes. Missing is how many more than before are
// missing, negative for one that comes late.
func (s *sequence) pass(seq uint64) (missing int64, late, again bool) {
	switch {
	case !s.begun:
		s.begun, s.first, s.highest = true, seq, seq
		s.set(seq)
		return 0, false, false
	case seq > s.highest:
		left := seq - s.highest - 1
		if left >= sequenceWindow {
			s.seen = [len(s.seen)]uint64{}
		} else {
			for between := s.highest + 1; between < seq; between++ {
				s.clear(between)
			}
		}
		s.highest = seq
		s.set(seq)
		return int64(left), false, false
	case s.highest-seq >= sequenceWindow:
		return 0, true, false
	case seq >= s.first && s.has(seq):
		return 0, false, true
	case seq < s.first:
		return s.before(seq), true, false
	}
	s.set(seq)
	return -1, true, false
}

// before takes a number below the first that came: those between were sent too.
func (s *sequence) before(seq uint64) (missing int64) {
	missing = int64(s.first - seq - 1)
	for between := seq + 1; between < s.first; between++ {
		s.clear(between)
	}
	s.first = seq
	s.set(seq)
	return missing
}

func (s *sequence) has(seq uint64) bool { return *s.word(seq)&bit(seq) != 0 }
func (s *sequence) set(seq uint64)      { *s.word(seq) |= bit(seq) }
func (s *sequence) clear(seq uint64)    { *s.word(seq) &^= bit(seq) }

func (s *sequence) word(seq uint64) *uint64 { return &s.seen[seq%sequenceWindow/64] }

func bit(seq uint64) uint64 { return 1 << (seq % 64) }
