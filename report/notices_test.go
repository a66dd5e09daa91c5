package report

import (
	"slices"
	"strings"
	"testing"

	"sendbench/runner/results"
	"sendbench/runner/results/resultstest"
)

// TestMachineWarningsAreNotices: what the machine makes uncertain is told first,
// in the order of the record.
func TestMachineWarningsAreNotices(t *testing.T) {
	rec := resultstest.Planted(resultstest.OneCell())
	rec.Run.Environment.Warnings = []string{"the governor is powersave", "the cache is unknown"}
	var got []string
	for _, n := range notices(results.Summarize(rec)) {
		got = append(got, n.Text)
	}
	want := []string{"Uncertain on this machine: the governor is powersave.", "Uncertain on this machine: the cache is unknown."}
	if i := slices.Index(got, want[0]); i < 0 || !slices.Equal(got[i:min(i+2, len(got))], want) {
		t.Errorf("got %q, want %q among them", got, want)
	}
}

// TestDoubtsStandOpen: what makes the answer uncertain stands open on the page and after
// the answer in text, once even where two parts of a run say it in other figures, and marks
// its record among several.
func TestDoubtsStandOpen(t *testing.T) {
	const other = "other programs used %s CPUs during the run (0.10 is tolerated): end them"
	noisy := resultstest.Planted(resultstest.OneCell())
	noisy.End = &results.End{Status: results.StatusComplete, Warnings: []string{
		strings.Replace(other, "%s", "0.69", 1), "the load average was 2.19 when the run began (0.50 is tolerated)", strings.Replace(other, "%s", "0.96", 1),
	}}
	for i := range noisy.Trials {
		if i%3 == 0 {
			noisy.Trials[i].Warnings = []string{"the rate was not steady within the trial"}
		}
	}
	s := results.Summarize(noisy)
	shown, _ := urgent(notices(s))
	var texts []string
	for _, n := range shown {
		texts = append(texts, n.Text)
	}
	want := []string{"Uncertain in this run: " + strings.Replace(other, "%s", "0.96", 1) + ".", "Uncertain in this run: the load average was 2.19 when the run began (0.50 is tolerated)."}
	if len(texts) < 3 || !slices.Equal(texts[:2], want) || !strings.Contains(texts[2], "a warning, told under Warnings") {
		t.Errorf("open are %q, want %q and the warnings", texts, want)
	}
	page := renderPage(t, s)
	if open := strings.Index(page, want[0]); open < 0 || open > strings.Index(page, "<details") {
		t.Error("it isn't open on the page")
	}
	quiet := resultstest.Planted(resultstest.OneCell())
	quiet.Run.ID, quiet.Run.Environment.Hostname = "quiet", "quiet"
	list := []Source{{File: "a.jsonl", Record: noisy}, {File: "b.jsonl", Record: quiet}}
	var text strings.Builder
	if err := Text(&text, list[:1], TextOptions{}); err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(text.String()), " ")
	if at := strings.Index(flat, "! "+want[0]); at < strings.Index(flat, "In short") || strings.Count(flat, "other programs used") != 1 {
		t.Errorf("the text doesn't say it once, after the answer:\n%s", &text)
	}
	o := newOverview(newDocument(list))
	records := o.Tables[0]
	last := len(records.Heads) - 1
	if a, b := records.Rows[0][last], records.Rows[1][last]; a != "disturbed and warnings" || b != none {
		t.Errorf("the records are uncertain for %q and %q", a, b)
	}
	if !slices.ContainsFunc(o.Short, func(s Sentence) bool {
		return s.Topic == "Uncertain" && strings.Contains(s.Text, "disturbed") && !strings.Contains(s.Text, "2 host")
	}) {
		t.Errorf("the overview in short has no mark: %v", o.Short)
	}
}
