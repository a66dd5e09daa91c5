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
	lead      *line         // that it lasts as long as
	ended     chan struct{} // closed when the next session may come
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
	made := &session{sender: peer, lead: lead, ended: make(chan struct{}), began: time.Now(), inside: make(chan struct{}, maxInside)}
	made.ctx, made.end = context.WithCancelCause(ctx)
	for before := s.place(made); before != nil; before = s.place(made) {
		if !before.ending() {
			made.end(nil)
			return nil, fmt.Errorf("it is busy: a session with %s is on", before.sender)
		}
	}

	terms := s.Limits.grant(asked)
	receiver, err := s.Open(terms, local, peer)
	if err != nil {
		made.end(err)
		s.forget(made)
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

// place makes a session the one that is on, unless there is one, which it returns.
func (s *Server) place(made *session) (before *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session == nil {
		s.session = made
		return nil
	}
	return s.session
}

// endLimit bounds the wait for the end of a session whose sender has gone.
const endLimit = time.Second

// ending waits for the end of a session that nobody holds any more: its sender may be
// back before all of it is closed.
func (x *session) ending() bool {
	select {
	case <-x.lead.gone:
	default:
		return false
	}
	limit := time.NewTimer(endLimit)
	defer limit.Stop()
	select {
	case <-x.ended:
		return true
	case <-limit.C:
		return false
	}
}

// forget lets the next session come.
func (s *Server) forget(x *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session = nil
	close(x.ended)
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
	s.forget(x)
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
