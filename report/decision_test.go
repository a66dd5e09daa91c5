package report

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// TestDecisionJSON holds the form of decisions, indented so that changes can be read.
func TestDecisionJSON(t *testing.T) {
	all := planted()
	tcp := settled(sources()["tcp"]).entries[0].summary
	for name, s := range map[string]*results.Summary{
		"crossover": all["crossover"], "one-cell": all["one-cell"], "unsupported": all["unsupported"], "rate": all["rate"], "tcp": tcp,
	} {
		raw, err := json.Marshal(Decide(s))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var b bytes.Buffer
		if err := json.Indent(&b, raw, "", " "); err != nil {
			t.Fatal(err)
		}
		golden(t, "decision/"+name+".golden", b.String()+"\n")
	}
}

// TestDecisionsAreJSON writes the decision of every planted summary, those that no
// machine has among them, and reads it back: no figure is a number that JSON hasn't, and
// no list is null.
func TestDecisionsAreJSON(t *testing.T) {
	summaries := all()
	summaries["figureless"], summaries["huge"], summaries["zero"] = figureless(), extreme(1e300, 1e-300, 1e300), extreme(0, 0, 0)
	for name, s := range summaries {
		raw, err := json.Marshal(Decide(s))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var back Decision
		if err := json.Unmarshal(raw, &back); err != nil || back.Schema != DecisionSchema {
			t.Errorf("%s: %v, schema %d", name, err, back.Schema)
		}
		for _, list := range []string{"settings", "flows", "not_measured", "notices", "buffers", "claims", "strategies", "ties", "effects", "short", "lines", "held", "copied", "not_shown"} {
			if bytes.Contains(raw, []byte(`"`+list+`":null`)) {
				t.Errorf("%s: %s is null instead of a list", name, list)
			}
		}
	}
}

func TestJSONOfSeveral(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, sources()["resumed"]); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema  int
		Records []Decision
		Notices []string
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != DecisionSchema || len(got.Records) != 2 || got.Records[1].Label != "2 b.jsonl" || got.Records[1].File != "out/b.jsonl" || len(got.Notices) != 1 {
		t.Errorf("schema %d, %d records, notices %q", got.Schema, len(got.Records), got.Notices)
	}
	if err := JSON(brokenWriter{}, sources()["twice"]); err == nil || !strings.Contains(err.Error(), errBroken.Error()) {
		t.Errorf("%v, want the writer's error", err)
	}
}

// sentencesOf are all of an advice.
func sentencesOf(a Advice) []Sentence {
	out := a.Short
	for _, st := range a.Settings {
		out = append(out, st.Lines...)
	}
	return out
}

// superior are the claims of superiority that sentences rest on.
func superior(list []Sentence) (n int) {
	for _, s := range list {
		for _, c := range s.Claims {
			if c.Shown() {
				n++
			}
		}
	}
	return n
}

// TestNothingIsClaimedOfNothing plants panels in which all strategies are the same, and
// counts those of which any sentence rests on a claim of superiority.
func TestNothingIsClaimedOfNothing(t *testing.T) {
	const panels = 400
	wrong := 0
	for seed := range panels {
		rec := resultstest.Planted(resultstest.Options{
			Seed: uint64(seed + 1), Profiles: []string{results.ProfileDefault}, Sizes: []int{1400, 16384, 64000}, HotOnly: true, NoDifference: true,
			Strategies: []string{"write", "sendmmsg", "uring-send", "uring-sendzc-fixed"}, Rounds: 12,
		})
		list := sentencesOf(Advise(results.Summarize(rec)))
		if superior(list) > 0 {
			wrong++
		}
		for _, s := range list {
			if says := strings.Contains(s.Text, " times write") || strings.HasPrefix(s.Text, "from ") || strings.HasPrefix(s.Text, "at every"); says && superior([]Sentence{s}) == 0 && !strings.Contains(s.Text, "no difference shown") {
				t.Errorf("without a claim that is shown: %s", s)
			}
		}
	}
	t.Logf("%d of %d panels", wrong, panels)
	if wrong > panels/20 {
		t.Errorf("of %d panels of nothing %d have a sentence of superiority, more than one in twenty", panels, wrong)
	}
}

// TestNoLatencyIsLowestOfNothing does the same at a set rate, where rounds have one
// distribution of p99 and no strategy may be said to have the lowest.
func TestNoLatencyIsLowestOfNothing(t *testing.T) {
	const panels, sizes, strategies, rounds = 400, 2, 7, 12
	rng := rand.New(rand.NewPCG(3, 3))
	wrong := 0
	for range panels {
		var w walk
		for size := range sizes {
			g := results.Group{Cell: results.Cell{Size: 1000 << size, Rate: 1000}}
			for i := range strategies {
				l := new(results.LatencySummary)
				for round := range rounds {
					l.P99Rounds, l.P99Samples = append(l.P99Rounds, round), append(l.P99Samples, math.Exp(0.1*rng.NormFloat64()))
				}
				l.P99 = results.MedianInterval(l.P99Samples)
				g.Rows = append(g.Rows, results.Row{Strategy: housed[i], Rounds: rounds, Latency: l})
			}
			w.groups = append(w.groups, g)
		}
		for _, l := range leads(w, MetricP99) {
			if len(l.Strategies) > 0 {
				wrong++
				break
			}
		}
	}
	t.Logf("%d of %d panels", wrong, panels)
	if wrong > panels/20 {
		t.Errorf("of %d panels of nothing %d have a lowest p99, more than one in twenty", panels, wrong)
	}
}

// TestSentencesHaveEvidence: who is named as leading is so in the claims, and every
// claim that is shown has figures to show.
func TestSentencesHaveEvidence(t *testing.T) {
	for name, s := range all() {
		d := Decide(s)
		for _, st := range d.Settings {
			for _, b := range st.Buffers {
				for _, l := range append(b.Throughput, b.CPU...) {
					if (len(l.Strategies) > 0) != (len(l.Throughput) > 0) {
						t.Errorf("%s: %q lead by %d claims", name, l.Strategies, len(l.Throughput))
					}
				}
				for _, l := range b.Throughput {
					for _, c := range l.Throughput {
						if c.Verdict != results.Faster {
							t.Errorf("%s: %s leads at %d B and is %s", name, c.Cell.Strategy, c.Cell.Size, c.Verdict)
						}
					}
				}
			}
		}
		for _, line := range sentencesOf(d.Words) {
			for _, c := range line.Claims {
				if c.Shown() && (c.Ratio.Center == nil || c.Ratio.Low == nil || c.Ratio.Rounds == 0 || c.Over == "" || c.P == nil) {
					t.Errorf("%s: %s rests on %+v", name, line, c)
				}
			}
		}
	}
}

// TestShortIsShort: the answer to one record fits a screen.
func TestShortIsShort(t *testing.T) {
	for name, s := range all() {
		if n := len(Advise(s).Short); n == 0 || n > 9 {
			t.Errorf("%s: %d sentences", name, n)
		}
	}
}
