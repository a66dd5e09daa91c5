package control

import (
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
)

// conducts are what a sender that has the secret may say, in any order.
var conducts = []string{
	`{"kind":"hello","version":1}`,
	`{"kind":"hello","version":9}`,
	`{"kind":"agree","terms":{"proto":"udp","family":6,"flows":1}}`,
	`{"kind":"agree","terms":{"proto":"udp","family":6,"flows":-1}}`,
	`{"kind":"agree"}`,
	`{"kind":"join","token":"x"}`,
	`{"kind":"begin","stretch":{"size":64}}`,
	`{"kind":"begin","stretch":{"size":-1}}`,
	`{"kind":"begin"}`,
	`{"kind":"settle","messages":-9223372036854775808,"timeout_ms":9223372036854775807}`,
	`{"kind":"settle","messages":3}`,
	`{"kind":"counts"}`,
	`{"kind":"beat"}`,
	`{"kind":"agreement","agreement":{}}`,
	`{"kind":"end","reason":"enough\u001b[2J"}`,
	`{"kind":""}`,
	`x`,
}

// FuzzConduct has two senders say things in turn: a byte of steps is who and what.
// However it goes, the server answers no more than it was asked, closes each receiver
// that it opened once, tells of each session once, and has room for the next.
func FuzzConduct(f *testing.F) {
	f.Add([]byte{0, 2, 6, 10, 11, 14})
	f.Add([]byte{0, 2, 6, 128, 130, 133, 14, 130, 138})
	f.Add([]byte{0, 0})
	f.Add([]byte{0, 2, 2})
	f.Add([]byte{1, 2})
	f.Add([]byte{0, 2, 9, 16})
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) > 100 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			o := newOffice(t.Context(), Limits{})
			var opened []*account
			o.server.Open = func(Terms, netip.AddrPort, netip.AddrPort) (Receiver, error) {
				opened = append(opened, newAccount())
				return opened[len(opened)-1], nil
			}
			var asked, answered [2]int
			var senders [2]io.WriteCloser
			for who := range senders {
				conn := o.visit()
				senders[who] = conn
				go func() {
					d := decoder{r: conn}
					for {
						m, err := d.next()
						if err != nil {
							return
						}
						if m.Kind != kindBeat && m.Kind != kindEnd {
							answered[who]++
						}
					}
				}()
			}
			for _, step := range steps {
				who := int(step >> 7)
				asked[who]++
				// Once the server has ended a line there is nobody to write to.
				_, _ = senders[who].Write(framed(conducts[int(step&127)%len(conducts)]))
				synctest.Wait()
			}
			for _, conn := range senders {
				conn.Close()
			}
			synctest.Wait()
			for who := range senders {
				if answered[who] > asked[who] {
					t.Errorf("sender %d asked %d times and was answered %d times", who, asked[who], answered[who])
				}
			}
			for i, a := range opened {
				if a.closings != 1 {
					t.Errorf("receiver %d was closed %d times", i, a.closings)
				}
			}
			if len(o.over) != len(opened) {
				t.Errorf("%d receivers were opened and %d sessions told of", len(opened), len(o.over))
			}
			if o.server.session != nil || len(o.server.lobby.places) != 0 {
				t.Errorf("left behind: session %v, %d places", o.server.session, len(o.server.lobby.places))
			}
		})
	})
}
