package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes the decisions of runs as one object: {"schema":1,"records":[…],"notices":[…]}
// with a Decision a record, as Text shows them, and what is to be said of the records
// together. The error is the writer's.
func JSON(w io.Writer, sources []Source) error {
	d := newDocument(sources)
	out := struct {
		Schema  int        `json:"schema"`
		Records []Decision `json:"records"`
		Notices []string   `json:"notices"`
	}{DecisionSchema, []Decision{}, append([]string{}, d.notices...)}
	for _, e := range d.entries {
		decision := Decide(e.summary)
		decision.Label, decision.File = e.label, e.file
		out.Records = append(out.Records, decision)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("writing the decisions: %w", err)
	}
	return nil
}
