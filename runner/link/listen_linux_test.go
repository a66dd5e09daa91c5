package link_test

import (
	"encoding/binary"
	"testing"

	"sendbench/runner/link"
)

// The messages of these tests: a sequence number, the same with bits flipped,
// and a pattern.
const check = 0x0123_4567_89ab_cdef

func start(datagram []byte) (uint64, bool) {
	if len(datagram) < 16 {
		return 0, false
	}
	seq := binary.LittleEndian.Uint64(datagram)
	return seq, binary.LittleEndian.Uint64(datagram[8:]) == seq^check
}

func pattern(k int) byte { return byte(k*7 + k>>8) }

func intact(payload []byte, offset int) bool {
	for i, b := range payload {
		if k := offset + i; k >= 16 && b != pattern(k) {
			return false
		}
	}
	return true
}

func message(seq uint64, size int) []byte {
	m := make([]byte, size)
	for k := range m {
		m[k] = pattern(k)
	}
	binary.LittleEndian.PutUint64(m, seq)
	binary.LittleEndian.PutUint64(m[8:], seq^check)
	return m
}

// listen starts a receiver for one test; nil on a sink.
func listen(t testing.TB, l *link.Link, size int) link.Receiver {
	t.Helper()
	r, err := l.Listen(link.ListenOptions{Size: size, Start: start, Intact: intact, CPU: -1})
	if err != nil {
		t.Fatal(err)
	}
	if r != nil {
		t.Cleanup(func() {
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return r
}
