package control

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// session is what a sender and this receiver have agreed on.
type session struct {
	agreement Agreement // empty while the receiver is being made
	receiver  Receiver
	sender    netip.AddrPort
	began     time.Time
	ctx       context.Context // ends with the session; its cause is why
	end       context.CancelCauseFunc
	inside    chan struct{} // an element for each connection
	watching  sync.WaitGroup
	closed    error // what closing the receiver gave, when watching is done

	stretches sync.Mutex // held during Begin and Settle
	messages  int64      // of the stretches settled, but for the one under way
	settled   int64      // of the one under way
}

// errSenderEnded is that the sender ended its session in order.
var errSenderEnded = errors.New("the sender ended it")

// agree makes a session on terms as asked, which lasts as long as the line. The error
// is a refusal.
func (s *Server) agree(ctx context.Context, asked Terms, lead *line, local, peer netip.AddrPort) (*session, error) {
	if err := asked.check(); err != nil {
		return nil, err
	}
	if local.Addr().Is4() != (asked.Family == 4) {
		return nil, fmt.Errorf("address family %d: the control connection came to %s, and data comes to the same address", asked.Family, local.Addr())
	}
	made := &session{sender: peer, began: time.Now(), inside: make(chan struct{}, maxInside)}
	made.ctx, made.end = context.WithCancelCause(ctx)
	s.mu.Lock()
	if s.session != nil {
		defer s.mu.Unlock()
		made.end(nil)
		return nil, fmt.Errorf("it is busy: a session with %s is on", s.session.sender)
	}
	s.session = made
	s.mu.Unlock()

	terms := s.Limits.grant(asked)
	receiver, err := s.Open(terms, local, peer)
	if err != nil {
		made.end(err)
		s.forget()
		return nil, err
	}
	p := receiver.Peer()
	p.Control, p.MaxBitsPerSecond, p.MaxSeconds = local.String(), terms.BitsPerSecond, terms.Seconds
	s.mu.Lock()
	made.receiver = receiver
	made.agreement = Agreement{Token: rand.Text(), Ports: receiver.Ports(), Terms: terms, Peer: p}
	s.mu.Unlock()
	made.watching.Go(func() { made.watch(lead) })
	return made, nil
}

// forget lets the next session come.
func (s *Server) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session = nil
}

// join finds the session of a token.
func (s *Server) join(token string) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == nil || s.session.receiver == nil || s.session.ctx.Err() != nil ||
		subtle.ConstantTimeCompare([]byte(token), []byte(s.session.agreement.Token)) != 1 {
		return nil, errors.New("there is no such session: it is over, or the token is another's")
	}
	return s.session, nil
}

// over ends a session, tells of it and lets the next one come.
func (s *Server) over(x *session, why error) {
	x.end(why)
	x.watching.Wait()
	cause := context.Cause(x.ctx) // the first
	if errors.Is(cause, errSenderEnded) {
		cause = nil
	}
	cause = errors.Join(cause, x.closed)
	x.stretches.Lock()
	summary := Summary{
		Sender: x.sender, Terms: x.agreement.Terms, Lasted: time.Since(x.began),
		Messages: x.messages + x.settled, Received: x.receiver.Received(), Err: cause,
	}
	x.stretches.Unlock()
	s.forget()
	if s.Over != nil {
		s.Over(summary)
	}
}

// begin starts a stretch.
func (x *session) begin(stretch Stretch) error {
	x.stretches.Lock()
	defer x.stretches.Unlock()
	x.messages += x.settled
	x.settled = 0
	return x.receiver.Begin(stretch)
}

// settle waits for messages. The timeout comes from outside.
func (x *session) settle(messages, timeoutMS int64) (Counts, error) {
	x.stretches.Lock()
	defer x.stretches.Unlock()
	timeoutMS = min(max(timeoutMS, 0), MaxSettle.Milliseconds())
	counts, err := x.receiver.Settle(max(messages, 0), time.Duration(timeoutMS)*time.Millisecond)
	x.settled = counts.Messages
	return counts, err
}
