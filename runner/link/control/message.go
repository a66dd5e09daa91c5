package control

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const (
	// Version is that of the protocol.
	Version = 1
	// MaxMessage bounds a message in bytes, without its length.
	MaxMessage = 64 << 10

	lengthSize = 4 // bytes of a message's length
)

// The kinds of messages.
const (
	kindHello     = "hello"     // Version; the first in each direction
	kindAgree     = "agree"     // Terms; answered by an agreement
	kindJoin      = "join"      // Token; answered by an agreement
	kindAgreement = "agreement" // Agreement
	kindBegin     = "begin"     // Stretch; answered by ready
	kindReady     = "ready"
	kindSettle    = "settle" // Messages and TimeoutMS; answered by counts
	kindCounts    = "counts" // a request without Counts, and its answer with them
	kindRefused   = "refused"
	kindBeat      = "beat"
	kindEnd       = "end" // Reason: why the line is ended by who sends it, or Silent; nothing follows
)

// message is any message. What belongs to its kind is set.
type message struct {
	Kind    string `json:"kind"`
	ID      uint64 `json:"id,omitempty"`      // of a request, and of its answer
	Version int    `json:"version,omitempty"` // of kindHello
	Terms   *Terms `json:"terms,omitempty"`
	Token   string `json:"token,omitempty"`
	// Agreement is decoded by who asked for one: what it holds can take much more
	// memory than its text.
	Agreement json.RawMessage `json:"agreement,omitempty"`
	Stretch   *Stretch        `json:"stretch,omitempty"`
	Messages  int64           `json:"messages,omitempty"`
	TimeoutMS int64           `json:"timeout_ms,omitempty"`
	Counts    *Counts         `json:"counts,omitempty"`
	Reason    string          `json:"reason,omitempty"` // of kindRefused and kindEnd, for a person
	Silent    bool            `json:"silent,omitempty"` // of kindEnd: who sends it has heard nothing for Silence
}

// breach marks an error as the other side's breach of the protocol. It goes on from
// "sent".
type breach struct{ error }

func (b breach) Unwrap() error { return b.error }

// encode returns a message as it is on the wire.
func encode(m message) ([]byte, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode a message: %w", err)
	}
	if len(body) > MaxMessage {
		return nil, fmt.Errorf("a message of %d bytes: it takes at most %d", len(body), MaxMessage)
	}
	framed := make([]byte, lengthSize, lengthSize+len(body))
	binary.BigEndian.PutUint32(framed, uint32(len(body)))
	return append(framed, body...), nil
}

// decoder reads messages into a buffer of its own, which grows to MaxMessage at
// most.
type decoder struct {
	r      io.Reader
	buffer []byte
}

// next reads a message. It is io.EOF where the other side has ended between two,
// and allocates no more than a message of that length can be decoded into.
func (d *decoder) next() (message, error) {
	var length [lengthSize]byte
	if _, err := io.ReadFull(d.r, length[:]); err != nil {
		return message{}, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > MaxMessage {
		return message{}, breach{fmt.Errorf("a message of %d bytes, above %d", n, MaxMessage)}
	}
	if int(n) > cap(d.buffer) {
		d.buffer = make([]byte, min(max(int(n), 2*cap(d.buffer)), MaxMessage))
	}
	body := d.buffer[:n]
	if _, err := io.ReadFull(d.r, body); err != nil {
		return message{}, err
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return message{}, breach{fmt.Errorf("a message that can't be read: %w", err)}
	}
	if m.Kind == "" {
		return message{}, breach{errors.New("a message without a kind")}
	}
	return m, nil
}
