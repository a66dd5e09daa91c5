package results

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// The kinds of line, as its record field names them.
const (
	kindRun         = "run"
	kindTrial       = "trial"
	kindUnsupported = "unsupported"
	kindEnd         = "end"
)

// Writer writes a record as JSON Lines (https://jsonlines.org), one Write call
// a line: what a killed run leaves behind is whole lines. It fills in the
// record and schema fields. It may not be used from several goroutines at once.
//
// After a failed Write the last line may be partial, so nothing more is written
// and every further call returns the same error.
type Writer struct {
	w   io.Writer
	err error
}

// NewWriter returns a Writer to w, which should not be buffered.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// WriteRun writes the line that opens a record. A plan that Read would refuse, of more
// cells than a record holds, say, is an error before anything is written or measured.
func (w *Writer) WriteRun(r Run) error {
	r.Record, r.Schema = kindRun, Schema
	r.Plan.Cells = slices.Clone(r.Plan.Cells) // checking gives them their names
	if err := r.check(newRoster()); err != nil {
		return fmt.Errorf("this run can't be recorded: %w", err)
	}
	r.emptyNil()
	return w.writeLine(r)
}

// WriteTrial writes one trial.
func (w *Writer) WriteTrial(t Trial) error {
	t.Record = kindTrial
	t.emptyNil()
	return w.writeLine(t)
}

// WriteUnsupported writes why one cell can't be measured.
func (w *Writer) WriteUnsupported(u Unsupported) error {
	u.Record = kindUnsupported
	return w.writeLine(u)
}

// WriteEnd writes the line that closes a record.
func (w *Writer) WriteEnd(e End) error {
	e.Record = kindEnd
	return w.writeLine(e)
}

func (w *Writer) writeLine(v any) error {
	if w.err != nil {
		return w.err
	}
	line, err := json.Marshal(v)
	if err == nil {
		_, err = w.w.Write(append(line, '\n'))
	}
	if err != nil {
		w.err = fmt.Errorf("writing the record: %w", err)
	}
	return w.err
}

// Write writes a whole record: what Read accepts, it reads again as the same.
func Write(w io.Writer, rec *Record) error {
	out := NewWriter(w)
	if err := out.WriteRun(rec.Run); err != nil {
		return err
	}
	for _, u := range rec.Unsupported {
		if err := out.WriteUnsupported(u); err != nil {
			return err
		}
	}
	for _, t := range rec.Trials {
		if err := out.WriteTrial(t); err != nil {
			return err
		}
	}
	if rec.End == nil {
		return nil
	}
	return out.WriteEnd(*rec.End)
}

// emptyNil makes lists without elements [] instead of null, for readers in
// languages where these differ.
func (r *Run) emptyNil() {
	r.Environment.Caches = orEmpty(r.Environment.Caches)
	r.Environment.Warnings = orEmpty(r.Environment.Warnings)
	r.Environment.Clocks = orEmpty(r.Environment.Clocks)
	r.Plan.Strategies = orEmpty(r.Plan.Strategies)
	r.Plan.Profiles = orEmpty(r.Plan.Profiles)
	r.Plan.Cells = orEmpty(r.Plan.Cells)
}

func (t *Trial) emptyNil() { t.Warnings = orEmpty(t.Warnings) }

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
