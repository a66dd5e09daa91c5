package control

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// framed is a message of these bytes, whatever they are.
func framed(body string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name, text string
		why        string // part of the error
	}{
		{"too long", "\x00\x01\x00\x01", "a message of 65537 bytes, above 65536"},
		{"the longest length", "\xff\xff\xff\xff", "a message of 4294967295 bytes"},
		{"empty", string(framed("")), "can't be read"},
		{"no JSON", string(framed("hello")), "can't be read"},
		{"cut short", string(framed(`{"kind":"beat"`)), "can't be read"},
		{"another type", string(framed(`{"kind":1}`)), "can't be read"},
		{"number too large", string(framed(`{"kind":"settle","messages":1e30}`)), "can't be read"},
		{"no kind", string(framed(`{}`)), "without a kind"},
		{"null", string(framed(`null`)), "without a kind"},
		{"length cut short", "\x00\x00", io.ErrUnexpectedEOF.Error()},
		{"body cut short", "\x00\x00\x00\x05{", io.ErrUnexpectedEOF.Error()},
		{"nothing", "", io.EOF.Error()},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := decoder{r: strings.NewReader(test.text)}
			m, err := d.next()
			if err == nil || !strings.Contains(err.Error(), test.why) {
				t.Errorf("got %+v, %v, want an error with %q", m, err, test.why)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	m := message{Kind: kindCounts, ID: 7, Counts: &Counts{Messages: 1, Kernel: Kernel{UDPNoPorts: 2}, Device: Device{Dropped: 3}}}
	text, err := encode(m)
	if err != nil {
		t.Fatal(err)
	}
	d := decoder{r: bytes.NewReader(text)}
	got, err := d.next()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Error(diff)
	}
	if _, err := encode(message{Kind: kindEnd, Reason: strings.Repeat("x", MaxMessage)}); err == nil {
		t.Error("a message above the limit was encoded")
	}
}

// hostile are messages that would take much memory if they were believed.
func hostile() map[string]string {
	fill := func(head, part, tail string) string {
		return head + strings.Repeat(part, (MaxMessage-len(head)-len(tail))/len(part)) + tail
	}
	return map[string]string{
		"deep":         fill(`{"kind":"x","more":`, `[`, ``),
		"deep, closed": fill(`{"kind":"x","more":`, `[`, ``)[:9000] + strings.Repeat("]", 8981) + "}",
		"warnings":     fill(`{"kind":"x","agreement":{"peer":{"warnings":["`, `","`, `"]}}}`),
		"ports":        fill(`{"kind":"x","agreement":{"ports":[1`, `,1`, `]}}`),
		"tokens":       fill(`{"kind":"x"`, `,"token":"0123456789"`, `}`),
		"counts":       fill(`{"kind":"x"`, `,"counts":{},"counts":null`, `}`),
		"terms":        fill(`{"kind":"x"`, `,"terms":null,"terms":{}`, `}`),
		"a reason":     fill(`{"kind":"x","reason":"`, `\u0001`, `"}`),
		"lengths only": "",
	}
}

// What comes from outside takes no more memory than package control says.
func TestDecodeAllocates(t *testing.T) {
	for name, body := range hostile() {
		text := framed(body)
		if name == "lengths only" {
			text = []byte("\x00\x01\x00\x00") // and nothing after it
		}
		const times = 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range times {
			d := decoder{r: bytes.NewReader(text)}
			_, _ = d.next()
		}
		runtime.ReadMemStats(&after)
		each := (after.TotalAlloc - before.TotalAlloc) / times
		t.Logf("%s: %d bytes", name, each)
		if each > 1<<20 {
			t.Errorf("%s: a message of %d bytes takes %d, want at most %d", name, len(body), each, 1<<20)
		}
	}
}

// Whatever comes is a message or an error, and a message keeps its meaning.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{``, `{}`, `null`, `{"kind":"x","agreement":[[`, `{"kind":"x","counts":{},"counts":null}`} {
		f.Add(framed(body))
	}
	for _, m := range []message{
		{Kind: kindHello, Version: 1, ID: 1}, {Kind: kindAgree, Terms: &terms}, {Kind: kindBegin, Stretch: &Stretch{Size: 16}},
		{Kind: kindAgreement, Agreement: json.RawMessage(`{"ports":[1]}`)}, {Kind: kindCounts, Counts: &Counts{}},
	} {
		text, err := encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d := decoder{r: bytes.NewReader(text)}
		for {
			m, err := d.next()
			if err != nil {
				if b := (breach{}); !errors.As(err, &b) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("neither the end nor a breach: %v", err)
				}
				break
			}
			again, err := encode(m)
			if err != nil {
				continue // escaping can make it longer than a message may be
			}
			second := decoder{r: bytes.NewReader(again)}
			if got, err := second.next(); err != nil || got.Kind != m.Kind || got.ID != m.ID || got.Reason != m.Reason {
				t.Errorf("%+v became %+v, %v", m, got, err)
			}
		}
		if cap(d.buffer) > MaxMessage {
			t.Errorf("the buffer has %d bytes", cap(d.buffer))
		}
	})
}
