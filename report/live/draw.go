package live

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	"sendbench/report"
	"sendbench/runner/results"
)

//go:embed follow.js
var followScript string

// refresh is after how many seconds a browser without JavaScript loads the page again.
const refresh = 5

// statusUnderWay stands in the end of a record that is still being written. No file has
// it.
const statusUnderWay = "under way"

// artist draws the page of the record that a run writes to a file.
type artist struct {
	file   string
	before fs.FileInfo // what was in its place before the run; nil if nothing was
	last   sight
}

// sight is the file as it was when the page was drawn.
type sight struct {
	there bool
	size  int64
	time  time.Time
}

// draw draws the page, if it would be another than the last, as the version given. over
// says that the run has ended.
func (a *artist) draw(version string, over bool) (body []byte, changed bool, err error) {
	now, err := a.look()
	if err != nil {
		return nil, false, err
	}
	if now == a.last && !over && version != "1" {
		return nil, false, nil
	}
	a.last = now
	var b bytes.Buffer
	rec := (*results.Record)(nil)
	if now.there {
		if rec, err = readSoFar(a.file); err != nil {
			return nil, false, err
		}
	}
	if rec == nil || len(rec.Trials) == 0 && !over {
		err = writeWaiting(&b, waitingText(over), script(version, over), over)
	} else {
		err = writePage(&b, a.file, rec, version, over)
	}
	return b.Bytes(), true, err
}

// look finds the record of this run: a run puts its own in the place of what was there
// when it is about to measure.
func (a *artist) look() (sight, error) {
	info, err := os.Stat(a.file)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && a.before != nil && os.SameFile(info, a.before):
		return sight{}, nil
	case err != nil:
		return sight{}, err
	}
	return sight{there: true, size: info.Size(), time: info.ModTime()}, nil
}

// readSoFar reads a record to which a line may be being added.
func readSoFar(file string) (*results.Record, error) {
	rec, err := results.ReadFile(file)
	var format *results.FormatError
	if errors.As(err, &format) && format.Truncated {
		return rec, nil
	}
	return rec, err
}

// writePage writes the page of a record.
func writePage(w io.Writer, file string, rec *results.Record, version string, over bool) error {
	live := report.Live{Notice: notice(file, rec, over)}
	if !over {
		live.Script, live.Refresh = script(version, over), refresh
		rec.End = &results.End{Status: statusUnderWay}
	}
	return report.WriteLive(w, report.Source{File: file, Record: rec}, live)
}

// script is what makes a page follow the run from its version on; nothing when that has
// ended.
func script(version string, over bool) string {
	if over {
		return ""
	}
	return "(() => {\n\"use strict\";\n" + followScript + "follow(" + strconv.Quote(version) + ");\n})();\n"
}

// notice says how the run stands.
func notice(file string, rec *results.Record, over bool) string {
	again := fmt.Sprintf(" This page is its last and stays as it is; sendbench report %s draws it again.", file)
	switch {
	case !over:
		return fmt.Sprintf("The run goes on: %s. This page follows it. Drawing it takes CPU time beside what is measured, so that it is drawn rarely, and only while somebody looks.", progress(rec))
	case rec.End == nil:
		return fmt.Sprintf("The run was ended without a word: %s.", progress(rec)) + again
	case report.BudgetEnded(rec.End) && rec.End.Status != results.StatusComplete:
		return fmt.Sprintf("The run's budget is over: %s.", progress(rec)) + again
	case rec.End.Status != results.StatusComplete:
		return fmt.Sprintf("The run was interrupted: %s.", progress(rec)) + again
	}
	return fmt.Sprintf("The run is complete: %d trials.", len(rec.Trials)) + again
}

// progress is how many trials there are of those that were planned. Where a precision is
// to be reached there may be more.
func progress(rec *results.Record) string {
	plan := rec.Run.Plan
	unsupported := make(map[results.Cell]bool)
	for _, u := range rec.Unsupported {
		unsupported[u.Cell] = true
	}
	cells := 0
	for _, c := range plan.Cells {
		if !unsupported[c] {
			cells++
		}
	}
	planned := plan.Rounds * cells
	switch n := len(rec.Trials); {
	case n > planned:
		return fmt.Sprintf("%d trials", n)
	case plan.Precision > 0:
		return fmt.Sprintf("%d of at least %d trials", n, planned)
	default:
		return fmt.Sprintf("%d of %d trials", n, planned)
	}
}
