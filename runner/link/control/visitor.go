package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// visitor is one connection of a sender, from its handshake to its end.
type visitor struct {
	server  *Server
	line    *line
	local   netip.AddrPort
	peer    netip.AddrPort
	greeted bool
	session *session // that it is in, nil if none
	leads   bool     // it agreed on that session
	place   *place   // that it has until it is in one
}

// run answers requests until either side ends, and gives up what the visitor held.
func (v *visitor) run(ctx context.Context) {
	requests := make(chan message, maxQueued)
	go v.read(requests)
	if why := v.answerAll(ctx, requests); why != nil {
		v.line.part(why, lastWord(why))
	}
	for range requests { // until the reader has ended
	}
	v.line.beats.Wait()
	v.leave(v.line.err)
}

// read queues requests until the line ends.
func (v *visitor) read(requests chan<- message) {
	defer close(requests)
	for {
		m, err := v.line.receive()
		switch {
		case err != nil:
			v.line.failUnheard(err)
			return
		case m.Kind == kindEnd:
			v.line.close(senderEnded(m.Reason))
			return
		}
		select {
		case requests <- m:
		default:
			v.line.fail(breach{fmt.Errorf("more than %d requests at once", maxQueued)})
			return
		}
	}
}

// senderEnded is the end of a line by the sender's wish.
func senderEnded(reason string) error {
	if reason == "" {
		return errSenderEnded
	}
	return fmt.Errorf("the sender ended it: %q", reason)
}

// lastWord is what a sender is told when this side ends the line: also of a session whose
// other connection fell silent that it was for that.
func lastWord(why error) message {
	if lost := (*LostError)(nil); errors.As(why, &lost) && lost.Err == nil {
		return message{Kind: kindEnd, Silent: true}
	}
	return message{Kind: kindEnd, Reason: why.Error()}
}

// answerAll returns why this side ends the line, nil when it has ended.
func (v *visitor) answerAll(ctx context.Context, requests <-chan message) error {
	undecided := time.NewTimer(decision)
	defer undecided.Stop()
	over := ctx
	for {
		if v.session != nil {
			undecided.Stop()
			over = v.session.ctx
		}
		select {
		case request, ok := <-requests:
			if !ok {
				return nil
			}
			if err := v.answer(over, request); err != nil {
				v.line.fail(err)
				return nil
			}
		case <-undecided.C:
			return fmt.Errorf("no session was asked for within %v", decision)
		case <-over.Done():
			return context.Cause(over)
		}
	}
}

// leave gives up what the visitor held, and ends the session that it led.
func (v *visitor) leave(why error) {
	if v.session == nil {
		v.server.lobby.leave(v.place)
		if !errors.Is(why, errSenderEnded) && !errors.Is(why, errStopped) {
			v.server.refusals.add(v.peer, why.Error())
		}
		return
	}
	<-v.session.inside
	if v.leads {
		v.server.over(v.session, why)
	}
}

// answer does what a request asks for. A refusal is an answer; an error ends the
// line.
func (v *visitor) answer(ctx context.Context, request message) error {
	reply, err := v.reply(ctx, request)
	if r := (refusal{}); errors.As(err, &r) {
		reply, err = message{Kind: kindRefused, Reason: r.Error()}, nil
	}
	if err != nil {
		return err
	}
	reply.ID = request.ID
	return v.line.send(reply)
}

// refusal marks an error as one that the sender is told and may go on after.
type refusal struct{ error }

func (v *visitor) reply(ctx context.Context, request message) (message, error) {
	switch {
	case request.Kind == kindHello && !v.greeted:
		// A sender of another version sees that in the answer. Here it gets no further.
		v.greeted = request.Version == Version
		if !v.greeted {
			v.server.refusals.add(v.peer, fmt.Sprintf("it speaks version %d of the control protocol and this is version %d: install the same sendbench on both", request.Version, Version))
		}
		return message{Kind: kindHello, Version: Version}, nil
	case request.Kind == kindAgree && v.greeted && v.session == nil && request.Terms != nil:
		x, err := v.server.agree(ctx, *request.Terms, v.line, v.local, v.peer)
		return v.enter(x, true, err)
	case request.Kind == kindJoin && v.greeted && v.session == nil:
		x, err := v.server.join(request.Token)
		return v.enter(x, false, err)
	case request.Kind == kindBegin && v.session != nil && request.Stretch != nil:
		if err := v.session.begin(*request.Stretch); err != nil {
			return message{}, refusal{err}
		}
		return message{Kind: kindReady}, nil
	case request.Kind == kindSettle && v.session != nil:
		return countsReply(v.session.settle(request.Messages, request.TimeoutMS))
	case request.Kind == kindCounts && v.session != nil:
		return countsReply(v.session.receiver.Counts())
	}
	return message{}, breach{fmt.Errorf("%q out of place", request.Kind)}
}

func countsReply(counts Counts, err error) (message, error) {
	if err != nil {
		return message{}, refusal{err}
	}
	return message{Kind: kindCounts, Counts: &counts}, nil
}

// enter makes the visitor a part of a session.
func (v *visitor) enter(x *session, leads bool, err error) (message, error) {
	if err != nil {
		return message{}, refusal{err}
	}
	select {
	case x.inside <- struct{}{}:
	default:
		return message{}, refusal{fmt.Errorf("the session has %d connections already", maxInside)}
	}
	v.session, v.leads = x, leads
	v.server.lobby.leave(v.place)
	a := x.agreement
	a.Local, a.Sender = v.local, v.peer
	agreement, err := json.Marshal(a)
	return message{Kind: kindAgreement, Agreement: agreement}, err
}
