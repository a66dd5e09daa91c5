package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Difference is a fact about two runs that isn't the same in both. A side that
// doesn't have the fact is "".
type Difference struct {
	Field string `json:"field"` // as in the record: link.device.mtu
	Old   string `json:"old"`
	New   string `json:"new"`
}

// passing are facts that differ between any two runs, and say nothing of what
// either measured.
var passing = []string{
	"before.load1", "before.busy_ticks", "before.stolen_ticks", "before.ticks_per_second",
	"before.frequency_khz", "before.throttled", "before.interrupts",
}

// differ lists what differs in the environments of two runs, and in those parts of
// their plans that bear on a trial's figures, in the order of the record's fields. What
// only one of them applied to its device has no other side.
func differ(old, new Run) []Difference {
	old.Environment.Link.Applied, new.Environment.Link.Applied = both(old.Environment.Link.Applied, new.Environment.Link.Applied)
	was := append(facts(old.Environment), planFacts(old.Plan)...)
	is := append(facts(new.Environment), planFacts(new.Plan)...)
	now := make(map[string]string, len(is))
	for _, f := range is {
		now[f.field] = f.value
	}
	var out []Difference
	known := make(map[string]bool, len(was))
	for _, f := range was {
		known[f.field] = true
		if f.value != now[f.field] {
			out = append(out, Difference{f.field, f.value, now[f.field]})
		}
	}
	for _, f := range is {
		if !known[f.field] && f.value != "" {
			out = append(out, Difference{f.field, "", f.value})
		}
	}
	return slices.DeleteFunc(out, func(d Difference) bool {
		return slices.ContainsFunc(passing, func(p string) bool { return d.Field == p || strings.HasPrefix(d.Field, p+".") })
	})
}

// both are the entries of two maps whose keys both have.
func both[V any](a, b map[string]V) (map[string]V, map[string]V) {
	inA, inB := make(map[string]V), make(map[string]V)
	for key, value := range a {
		if other, ok := b[key]; ok {
			inA[key], inB[key] = value, other
		}
	}
	return inA, inB
}

// planFacts are given in whole milliseconds, because a plan shortens its trials to
// what the machine's overhead that day leaves of the budget.
func planFacts(p Plan) []fact {
	milliseconds := func(ns int64) string { return fmt.Sprintf("%d ms", (ns+5e5)/1e6) }
	return []fact{
		{"plan.baseline", p.Baseline},
		{"plan.trial", milliseconds(p.TrialNS)},
		{"plan.warmup", milliseconds(p.WarmupNS)},
	}
}

// fact is one value of a record and the path to it.
type fact struct{ field, value string }

// facts are the values that JSON has of v, in its order. A list is one value: its
// elements' places mean nothing.
func facts(v any) []fact {
	raw, err := json.Marshal(v)
	if err != nil {
		return []fact{{"record", fmt.Sprintf("unreadable: %v", err)}}
	}
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	var out []fact
	walkFacts(in, "", &out)
	return out
}

// walkFacts reads one value. It is of our own making, so that it has no errors.
func walkFacts(in *json.Decoder, path string, out *[]fact) {
	token, _ := in.Token()
	switch token {
	case json.Delim('{'):
		for in.More() {
			key, _ := in.Token()
			walkFacts(in, strings.TrimPrefix(path+"."+fmt.Sprint(key), "."), out)
		}
		in.Token()
	case json.Delim('['):
		var elements []string
		for in.More() {
			var of []fact
			walkFacts(in, "", &of)
			elements = append(elements, joined(of))
		}
		in.Token()
		*out = append(*out, fact{path, strings.Join(elements, "; ")})
	case nil:
		*out = append(*out, fact{path, ""})
	default:
		*out = append(*out, fact{path, fmt.Sprint(token)})
	}
}

// joined is an element of a list in one line.
func joined(facts []fact) string {
	var parts []string
	for _, f := range facts {
		parts = append(parts, strings.TrimPrefix(f.field+" "+f.value, " "))
	}
	return strings.Join(parts, " ")
}
