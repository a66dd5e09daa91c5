package control

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"testing/synctest"
)

// A receiver may agree to less than was asked for, and to nothing else.
func TestWithin(t *testing.T) {
	bounded := Terms{Proto: "udp", Family: 4, Flows: 2, BitsPerSecond: 1000, Seconds: 60}
	open := Terms{Proto: "udp", Family: 4, Flows: 2}
	for _, test := range []struct {
		name   string
		asked  Terms
		change func(*Terms)
		why    string // "" for within
	}{
		{"as asked", bounded, func(*Terms) {}, ""},
		{"less", bounded, func(t *Terms) { t.BitsPerSecond, t.Seconds = 1, 1 }, ""},
		{"bounds where none was asked for", open, func(t *Terms) { t.BitsPerSecond, t.Seconds = 1000, 60 }, ""},
		{"no bound, as asked", open, func(*Terms) {}, ""},
		{"a higher rate", bounded, func(t *Terms) { t.BitsPerSecond++ }, "1001 bit/s, asked were 1000"},
		{"no bound on the rate", bounded, func(t *Terms) { t.BitsPerSecond = 0 }, "0 bit/s, asked were 1000"},
		{"a negative rate", open, func(t *Terms) { t.BitsPerSecond = -1 }, "-1 bit/s"},
		{"longer", bounded, func(t *Terms) { t.Seconds++ }, "61 s, asked were 60"},
		{"for ever", bounded, func(t *Terms) { t.Seconds = 0 }, "0 s, asked were 60"},
		{"another protocol", open, func(t *Terms) { t.Proto = "tcp" }, `protocol "tcp", asked was "udp"`},
		{"another family", open, func(t *Terms) { t.Family = 6 }, "address family 6, asked was 4"},
		{"more flows", open, func(t *Terms) { t.Flows = 3 }, "3 flows, asked were 2"},
		{"fewer flows", open, func(t *Terms) { t.Flows = 1 }, "1 flows, asked were 2"},
	} {
		agreed := test.asked
		test.change(&agreed)
		err := agreed.within(test.asked)
		if (err == nil) != (test.why == "") || err != nil && !strings.Contains(err.Error(), test.why) {
			t.Errorf("%s: %v, want %q", test.name, err, test.why)
		}
	}
}

// A sender takes no agreement that isn't within what it asked for, and ends the
// connection then.
func TestAgreesToMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			d := decoder{r: far}
			for {
				m, err := d.next()
				if err != nil || m.Kind == kindEnd {
					return
				}
				answer := message{Kind: m.Kind, ID: m.ID, Version: Version}
				if m.Kind == kindAgree {
					agreed := *m.Terms
					agreed.BitsPerSecond *= 2
					answer.Kind = kindAgreement
					answer.Agreement, _ = json.Marshal(Agreement{Token: "t", Ports: []uint16{1}, Terms: agreed})
				}
				text, _ := encode(answer)
				if _, err := far.Write(text); err != nil {
					return
				}
			}
		}()
		c, err := greet(t.Context(), near, "far")
		if err != nil {
			t.Fatal(err)
		}
		asked := pipeTerms
		asked.BitsPerSecond = 1e6
		if _, err := c.Agree(t.Context(), asked); err == nil || !strings.Contains(err.Error(), "the receiver at far agrees to what was not asked for: 2000000 bit/s, asked were 1000000") {
			t.Errorf("got %v", err)
		}
		if c.Err() == nil {
			t.Error("the connection goes on")
		}
		c.Close()
	})
}
