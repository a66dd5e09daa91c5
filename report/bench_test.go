package report

import (
	"fmt"
	"strings"
	"testing"

	"sendbench/runner/results"
)

// benchText is bench output of two strategies, of so many rounds that are named or not.
func benchText(rounds int, named bool) string {
	const name = "BenchmarkSend/link=sink/nic=default/footprint=1Mi/fill=stamp/segment=1472/size=1400/strategy="
	var b strings.Builder
	for r := range rounds {
		if named {
			fmt.Fprintf(&b, "round: %d\n", r+1)
		}
		ns := 2000 + 10*r
		fmt.Fprintf(&b, "goos: linux\npkg: sendbench\ncpu: Xeon\n%swrite-2 100 %d ns/op %f bit/s 1.25 cpu-ns/B 1 syscalls/msg\n%suring-sendzc-2 100 %d ns/op %f bit/s 0 copied-ratio 0.5 cpu-ns/B 0.06 syscalls/msg\nPASS\n",
			name, ns, 1400*8e9/float64(ns), name, ns/2, 1400*8e9/float64(ns/2))
	}
	return b.String()
}

func benchSources(t *testing.T, text string) []Source {
	t.Helper()
	rec, err := results.ReadBench(strings.NewReader(text), "bench.txt")
	if err != nil {
		t.Fatal(err)
	}
	return []Source{{File: "bench.txt", Record: rec}}
}

// TestBench says what bench output is, and shows nothing of what it lacks as a zero.
func TestBench(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		says       []string
		ratio      bool
	}{
		{"unpaired", benchText(12, false), []string{"it is unpaired.", "No verdict", "no round has results of both the baseline and another strategy, so that nothing is compared."}, false},
		{"paired", benchText(12, true), []string{"This is bench output, paired by its rounds."}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sources := benchSources(t, tt.text)
			var text, page strings.Builder
			if err := Text(&text, sources, TextOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := WriteLive(&page, sources[0], Live{}); err != nil {
				t.Fatal(err)
			}
			flat := strings.Join(strings.Fields(text.String()), " ")
			for _, out := range []string{flat, page.String()} {
				for _, want := range append(tt.says, "Bench output lacks what a record has", "1 flow is assumed", "batches of 32 at most", "Buffers larger than the cache are called warm") {
					if !strings.Contains(out, want) {
						t.Errorf("it lacks %q:\n%s", want, out)
					}
				}
				for _, wrong := range []string{"was killed", "0 of 0 ", "sender is on CPU", "+Inf", "corrected together"} {
					if strings.Contains(out, wrong) {
						t.Errorf("it says %q", wrong)
					}
				}
			}
			if got := strings.Contains(flat, "2.00"); got != tt.ratio {
				t.Errorf("a ratio is shown: %t, want %t:\n%s", got, tt.ratio, &text)
			}
			if !strings.Contains(page.String(), "unknown: bench output doesn") {
				t.Error("the page doesn't say that the environment is unknown")
			}
		})
	}
}
