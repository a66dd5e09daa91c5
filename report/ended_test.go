package report

import (
	"bytes"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// rounded is a record that was to have so many rounds of each cell, and has others.
func rounded(planned, measured int) *results.Record {
	rec := resultstest.Planted(resultstest.Options{
		Profiles: []string{results.ProfileDefault}, Sizes: []int{1400, 64000}, HotOnly: true, Rounds: measured,
		Strategies: []string{"write", "uring-sendzc"},
	})
	rec.Run.Plan.Rounds, rec.Run.Plan.BudgetNS = planned, 120e9
	return rec
}

// TestEnded: how a run ended is said once, in the box, with the rounds that were measured
// and what to do, wherever it is read; a budget that was over is no interruption.
func TestEnded(t *testing.T) {
	const resume = "`sendbench run --resume --out FILE` goes on with it"
	budget := func(status, reason string) *results.End { return &results.End{Status: status, Reason: reason} }
	for _, tt := range []struct {
		name             string
		planned, rounds  int
		end              *results.End
		says             []string
		saysNone         []string
		inHead, measured string // of the page's first sentence, and the record's JSON
	}{
		{"budget", 20, 12, budget(results.StatusInterrupted, "the budget is spent after 72 of 120 trials"),
			[]string{"The budget ended the run: its budget of 2m was over after 12 of 20 rounds of each cell, on which what follows rests; " + resume, "--size 16k,64000 --nic default", "Fastest"},
			[]string{"interrupted"}, "12 of 20 rounds of 1 NIC profile", `"rounds":12,"rounds_planned":20`},
		{"budget, no verdict", 12, 3, budget(results.StatusInterrupted, "the budget is spent after 18 of 72 trials"),
			[]string{"its budget of 2m was over after 3 of 12 rounds of each cell", resume, "No verdict: too few rounds: 3"},
			[]string{"interrupted"}, "3 of 12 rounds of 1 NIC profile", `"rounds":3,"rounds_planned":12`},
		{"precision", 12, 33, budget(results.StatusComplete, "the budget is spent and 3 of 4 ratios are less precise than ±1 %"),
			[]string{"its budget of 2m was over after 33 rounds of each cell, before all ratios were as precise as asked for; " + resume},
			[]string{"12 rounds", "The budget is spent", "interrupted"}, "33 rounds of 1 NIC profile", `"rounds":33,"rounds_planned":12`},
		{"signal", 20, 12, budget(results.StatusInterrupted, "interrupt signal received after 72 of 120 trials"),
			[]string{"The run was interrupted: what follows rests on 12 of 20 rounds of each cell (interrupt signal received after 72 of 120 trials); " + resume},
			[]string{"budget"}, "12 of 20 rounds", `"rounds":12`},
		{"killed", 20, 12, nil, []string{"The run was killed: what follows rests on 12 of 20 rounds of each cell; " + resume}, []string{"budget", "interrupted"}, "12 of 20 rounds", `"status":"killed"`},
		{"complete", 12, 12, budget(results.StatusComplete, ""), nil, []string{"budget", "interrupted", "--resume"}, "12 rounds of 1 NIC profile", `"rounds":12,"rounds_planned":12`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := rounded(tt.planned, tt.rounds)
			rec.End = tt.end
			var text, decision bytes.Buffer
			list := []Source{{File: "a.jsonl", Record: rec}}
			if err := Text(&text, list, TextOptions{}); err != nil {
				t.Fatal(err)
			}
			if err := JSON(&decision, list); err != nil {
				t.Fatal(err)
			}
			page := renderPage(t, results.Summarize(rec))
			checkPage(t, page)
			box := page[:strings.Index(page, "</header>")]
			box = strings.NewReplacer("<strong>", "", "</strong>", "").Replace(box[strings.Index(box, "<header>"):])
			for where, got := range map[string]string{"text": strings.Join(strings.Fields(text.String()), " "), "page": box} {
				for _, want := range tt.says {
					if n := strings.Count(got, want); n != 1 {
						t.Errorf("%s: it says %d times %q:\n%s", where, n, want, got)
					}
				}
				for _, not := range tt.saysNone {
					if strings.Contains(got, not) {
						t.Errorf("%s: it says %q:\n%s", where, not, got)
					}
				}
			}
			if !strings.Contains(box, tt.inHead) {
				t.Errorf("the page doesn't say %q:\n%s", tt.inHead, box)
			}
			if !strings.Contains(decision.String(), tt.measured) {
				t.Errorf("the JSON hasn't %s", tt.measured)
			}
		})
	}
}

// TestNothingMeasuredOfBudget: a run that its budget ended before a trial says so, too.
func TestNothingMeasuredOfBudget(t *testing.T) {
	rec := rounded(12, 2)
	rec.Trials, rec.End = nil, &results.End{Status: results.StatusInterrupted, Reason: "the budget is spent after 0 of 72 trials"}
	short := Advise(results.Summarize(rec)).Short
	if len(short) != 2 || short[0].Topic != "The budget ended the run" || !strings.Contains(short[0].Text, "before any round was whole") || short[1].Topic != "Nothing was measured" {
		t.Errorf("%v", short)
	}
}
