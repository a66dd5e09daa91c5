package results

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// WriteJSON writes the comparison as one JSON object. Its rows are the changes;
// figures that there are none of are null.
func (c *Comparison) WriteJSON(w io.Writer) error {
	type side struct {
		ID      string `json:"id"`
		Started string `json:"started"`
		Commit  string `json:"commit"`
		Build   string `json:"build"`

		Warnings []string `json:"warnings"` // of the run at its end
	}
	type row struct {
		Cell    Cell     `json:"cell"`
		Metric  string   `json:"metric"`
		Old     *float64 `json:"old"`
		New     *float64 `json:"new"`
		Ratio   *float64 `json:"ratio"`
		Low     *float64 `json:"low"`
		High    *float64 `json:"high"`
		P       *float64 `json:"p"`
		Floor   *float64 `json:"floor"`
		Verdict Verdict  `json:"verdict"`
	}
	type unmatched struct {
		Cell   Cell   `json:"cell"`
		Side   Side   `json:"side"`
		Reason string `json:"reason"`
	}
	of := func(r Run, warnings []string) side {
		return side{r.ID, r.Started, r.Environment.Commit, r.Environment.Build, orEmpty(warnings)}
	}
	out := struct {
		SameRun     bool         `json:"same_run"` // there is nothing to compare
		Old         side         `json:"old"`
		New         side         `json:"new"`
		Environment []Difference `json:"environment"`
		Unmatched   []unmatched  `json:"unmatched"`
		Rows        []row        `json:"rows"`
	}{SameRun(c.Old, c.New), of(c.Old, c.OldWarnings), of(c.New, c.NewWarnings), orEmpty(c.Environment), []unmatched{}, []row{}}
	for _, u := range c.Unmatched {
		out.Unmatched = append(out.Unmatched, unmatched(u))
	}
	for _, ch := range c.Changes {
		out.Rows = append(out.Rows, row{
			ch.Cell, ch.Metric, finite(ch.Old), finite(ch.New),
			finite(ch.Ratio.Center), finite(ch.Ratio.Low), finite(ch.Ratio.High), finite(ch.P), finite(ch.Floor), ch.Verdict,
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

// finite is nil for what JSON has no number for.
func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
