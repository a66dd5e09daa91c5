package strategies

import (
	"bytes"
	"encoding/binary"
)

// Size of a message's payload in bytes.
const (
	// StampSize is the length of the sequence at the head of a message, and so
	// the smallest message.
	StampSize = 16
	// MaxMessage is the largest, over TCP. A UDP payload has its own limit
	// (udp(7)).
	MaxMessage = 1 << 20
)

// A message is a stamp, then a pattern that depends on the offset in the message
// alone and comes round every patternPeriod bytes. Buffers begin at page
// boundaries, so an arena painted once holds the right pattern at every size.
const (
	patternPeriod = 4096
	stampCheck    = 0x5b3c9a17e2d46f81
)

// template is the payload of the largest message, pattern only.
var template = func() []byte {
	p := make([]byte, MaxMessage)
	for k := range p {
		o := k % patternPeriod
		p[k] = byte(o*7 + o>>8*13 + 1)
	}
	return p
}()

// Fill writes message seq into a buffer of its size.
type Fill func(message []byte, seq uint64)

// Stamp writes the message's number into its first 16 bytes: the number, then
// the number with a constant mixed in by which a receiver knows a beginning.
func Stamp(message []byte, seq uint64) {
	binary.LittleEndian.PutUint64(message, seq)
	binary.LittleEndian.PutUint64(message[8:], seq^stampCheck)
}

// Full writes the whole payload: a memmove from a source that stays in cache,
// and the stamp.
func Full(message []byte, seq uint64) {
	copy(message, template)
	Stamp(message, seq)
}

// Stamped tells whether a datagram begins a message, and which.
func Stamped(datagram []byte) (seq uint64, ok bool) {
	if len(datagram) < StampSize {
		return 0, false
	}
	seq = binary.LittleEndian.Uint64(datagram)
	return seq, binary.LittleEndian.Uint64(datagram[8:]) == seq^stampCheck
}

// Intact tells whether payload is what every message holds from offset on. It
// passes over the first bytes of each page, which hold the message's own stamp
// or those of smaller messages that lay there earlier.
func Intact(payload []byte, offset int) bool {
	if offset+len(payload) > len(template) {
		return false
	}
	for len(payload) > 0 {
		n := min(patternPeriod-offset%patternPeriod, len(payload))
		skip := min(max(StampSize-offset%patternPeriod, 0), n)
		if !bytes.Equal(payload[skip:n], template[offset+skip:offset+n]) {
			return false
		}
		payload, offset = payload[n:], offset+n
	}
	return true
}

// Paint writes the pattern over an arena, and so gives every page of it a frame
// of its own.
func Paint(arena []byte) {
	for len(arena) > 0 {
		n := copy(arena, template[:patternPeriod])
		arena = arena[n:]
	}
}
