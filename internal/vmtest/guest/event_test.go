package guest

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEvents(t *testing.T) {
	want := []Event{
		{Kind: Boot, Text: "6.12.117+deb12-amd64"},
		{Kind: Output, Step: "tests", Text: "--- FAIL: \x16 \x00 \xff not UTF-8"},
		{Kind: File, Step: "run", Name: "/tmp/r.jsonl", Data: []byte{0, 1, '\n', 255}},
		{Kind: End, Step: "run", Exit: 137, Late: true, Took: 1500 * time.Millisecond},
		{Kind: Done},
	}
	var line bytes.Buffer
	line.WriteString("SeaBIOS (version 1.16.2)\r\n")
	w := NewWriter(&line)
	for _, e := range want {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	want[1].Text = strings.ToValidUTF8(want[1].Text, "\ufffd") // as JSON has it
	// The line discipline turns \n into \r\n, see termios(3), ONLCR.
	r := NewReader(strings.NewReader(strings.ReplaceAll(line.String(), "\n", "\r\n")))
	var got []Event
	for {
		e, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("@vmtest {\"kind\":\"done\"}\r\n"))
	f.Add([]byte("noise @vmtest {\"kind\":\"end\",\"exit\":1}\n@vmtest {\"ki"))
	f.Add([]byte("@vmtest {\"data\":\"*\"}\n"))
	f.Fuzz(func(t *testing.T, line []byte) {
		r := NewReader(bytes.NewReader(line))
		for {
			e, err := r.Read()
			if err != nil {
				if err == io.EOF && bytes.HasSuffix(line, []byte("@vmtest {")) {
					t.Error("a line that is cut off ends without an error")
				}
				return
			}
			var again bytes.Buffer
			if err := NewWriter(&again).Write(e); err != nil {
				t.Fatal(err)
			}
			if _, err := NewReader(&again).Read(); err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("%+v can't be read again: %v", e, err)
			}
		}
	})
}
