package results

import (
	"strings"
	"testing"
)

// endless is a text that repeats without an end.
type endless struct{ text, rest string }

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" {
		e.rest = e.text
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestBenchResultsAreBounded reads output that doesn't end, of results and of skipped
// benchmarks.
func TestBenchResultsAreBounded(t *testing.T) {
	const name = "BenchmarkSend/link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=1400/strategy=write"
	for _, line := range []string{
		name + " 100 2000 ns/op 5600000000 bit/s 1.25 cpu-ns/B 1 syscalls/msg\n",
		"--- SKIP: " + name + "\n",
	} {
		d := newBenchDecoder(&endless{text: line}, "b")
		d.most = 1000
		if _, err := d.read(); err == nil || !strings.HasPrefix(err.Error(), "b:1001: more than 1000 results") {
			t.Errorf("%.20s…: %v", line, err)
		}
	}
}
