package results

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

// allocated is how many bytes f allocates in all, whenever they are freed.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

const (
	hostileRun   = `{"record":"run","schema":1,"plan":{"baseline":"write","cells":[]}}` + "\n"
	hostileTrial = `{"record":"trial","cell":{"link":"sink","proto":"udp","family":4,"connected":false,"nic":"default","flows":1000,"footprint":1,"fill":"stamp","segment":0,"size":1,"batch":1,"strategy":"write"},`
)

// fill repeats an element between the two ends, so that all of it is a line as long as
// lines may be.
func fill(before, element, after string) string {
	n := (maxLine - len(before) - len(after) - 1) / len(element)
	return before + strings.Repeat(element, n) + after + "\n"
}

// TestElementsAreBounded: lines of 16 MB, all of them elements of a list or an object
// that there are a few of, are refused before there is room made for these.
func TestElementsAreBounded(t *testing.T) {
	const environment = `{"record":"run","schema":1,"plan":{"baseline":"write"},"environment":`
	for _, tt := range []struct{ name, text, want string }{
		{"cells", fill(`{"record":"run","schema":1,"plan":{"baseline":"write","cells":[`, "{},", "{}]}}"), `record:1: "cells" has more than 65536 elements`},
		{"cells by another name", fill(`{"record":"run","schema":1,"plan":{"baseline":"write","Cells":[`, "{},", "{}]}}"), `record:1: "Cells" has more than 8192 elements`},
		{"cells again and again", fill(`{"record":"run","schema":1,"plan":{`, `"cells":[{},{},{},{}],`, `"baseline":""}}`), `record:1: "plan" has more than 8192 elements`},
		{"strategies", fill(`{"record":"run","schema":1,"plan":{"strategies":[`, `"",`, `""]}}`), `"strategies" has more than 8192 elements`},
		{"caches", fill(environment+`{"caches":[`, "{},", "{}]}}"), `"caches" has more than 8192 elements`},
		{"features", fill(environment+`{"link":{"device":{"features":{`, `"a":"",`, `"":""}}}}}`), `"features" has more than 8192 elements`},
		{"profiles that changed", fill(environment+`{"link":{"applied":{`, `"a":{"b":""},`, `"":{}}}}}`), `"applied" has more than 8192 elements`},
		{"objects again and again", fill(environment+`{`, `"mitigations":{`+strings.Repeat(`"a":"",`, 4000)+`"":""},`, `"os":""}}`), "record:1: the line has more than 16384 values"},
		{"a name of profile that every setting has", fill(environment+`{"link":{"applied":{"`, "x", `":{"a":"","b":""}}}}}`), "record:1: the line has a name of "},
		{"such a name in a short line", environment + `{"mitigations":{"` + strings.Repeat("x", maxName+1) + `":""}}}`, "record:1: the line has a name of 4097 bytes"},
		{"as deep as it goes", fill(hostileRun+`{"record":"trial","x":`, "[", ""), "record:2: the line has lists and objects 65 deep"},
		{"per_flow", hostileRun + fill(hostileTrial+`"per_flow":[`, "{},", "{}]}"), `record:2: "per_flow" has more than 8192 elements`},
		{"warnings", hostileRun + fill(hostileTrial+`"warnings":[`, `"",`, `""]}`), `"warnings" has more than 8192 elements`},
		{"warnings in a short line", hostileRun + hostileTrial + `"warnings":[` + strings.Repeat(`"",`, 400) + `""]}` + "\n", "warnings is 401; it lies from 0 to 256"},
		{"buckets", hostileRun + fill(hostileTrial+`"latency":{"buckets":[`, "[],", "[]]}}"), `"buckets" has more than 8192 elements`},
		{"escaped quotation marks", hostileRun + fill(hostileTrial+`"warnings":["\\\"",`, `"",`, `""]}`), `"warnings" has more than 8192 elements`},
		{"a string without an end", hostileRun + fill(hostileTrial+`"warnings":["`, `",`, `\`), "record:2: "},
		{"no JSON", fill("{", "}],", ""), "record:1: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			bytes := allocated(func() { _, err = Read(strings.NewReader(tt.text)) })
			t.Logf("%d MB allocated: %v", bytes>>20, err)
			if !errors.As(err, new(*FormatError)) || !strings.Contains(err.Error(), tt.want) || len(err.Error()) > 300 {
				t.Errorf("%v, want %s", err, tt.want)
			}
			// The line itself, in a buffer that grew to hold it, and no more.
			if limit := uint64(8 * maxLine); bytes > limit {
				t.Errorf("%d MB were allocated of a line of %d MB", bytes>>20, len(tt.text)>>20)
			}
		})
	}
}

// TestElementsOfLongLines: what a record may have is let through where a line is long.
func TestElementsOfLongLines(t *testing.T) {
	cell := strings.TrimSuffix(hostileTrial[strings.Index(hostileTrial, `{"link`):], ",")
	long := strings.Repeat("x", briefLine)
	padding := strings.Repeat(" ", briefLine)
	for name, line := range map[string]string{
		"cells":   `{"plan":{"cells":[` + strings.Repeat(cell+",", maxCells-1) + cell + `]}}`,
		"listed":  `{"warnings":[` + strings.Repeat(`"",`, maxElements-1) + `"` + long + `"]}`,
		"strings": `{"a":"` + long + strings.Repeat(`,{}[]:\"`, maxElements) + `","b":["\\"]}` + padding,
		"no JSON": strings.Repeat("]}", briefLine),
		"commas":  padding + ",,,",
		"cut":     `{"a":"` + long + `\`,
	} {
		if err := checkElements([]byte(line)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzCheckElements: whatever it is, it is gone through to its end, and what is too short
// for too many elements isn't refused.
func FuzzCheckElements(f *testing.F) {
	f.Add([]byte(`{"plan":{"cells":[{"a":"\"]"},{}]},"x":[[]]}`))
	f.Add([]byte(`]]]{"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := checkElements(data); err != nil && len(data) <= maxDepth {
			t.Errorf("%q: %v", data, err)
		}
	})
}
