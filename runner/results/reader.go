package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// ReadFile reads the record in a file. Its errors are as Read's, or os.Open's.
func ReadFile(path string) (*Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f)
}

// named is a reader that knows what it reads: an *os.File its path.
type named interface {
	io.Reader
	Name() string
}

// Read reads a record, line by line. What is no record gives a *FormatError
// that calls the input by its name if it has a method Name, as files have, and
// "record" else.
//
// Fields that this version doesn't know are passed over: a schema may gain
// some. A kind of line that it doesn't know is an error, because leaving out a
// line could change what the others mean. A record without an end is good: its
// run was killed between two lines.
//
// If the last line is cut off, the error's Truncated is set and the record
// holds the lines before it, so that the run can be resumed. With every other
// error the record is nil.
func Read(r io.Reader) (*Record, error) {
	name := "record"
	if n, ok := r.(named); ok {
		name = n.Name()
	}
	d := decoder{lines: newLineReader(r), name: name, names: newRoster()}
	for {
		line, whole, err := d.lines.next()
		switch {
		case err == io.EOF:
			return d.finish()
		case err == errLongLine:
			return nil, d.errorf("the line is longer than %d MiB; %s", maxLine>>20, wantFile)
		case err != nil:
			return nil, fmt.Errorf("reading %s after line %d: %w", name, d.lines.n, err)
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if d.rec == nil || len(line) > briefLine {
			if err := checkElements(line); err != nil {
				return nil, d.errorf("%v; %s", err, wantFile)
			}
		}
		if d.cutOff(line, whole) {
			return d.truncated()
		}
		if err := d.decode(line); err != nil {
			return nil, err
		}
	}
}

// Endings of messages: what would be right.
const (
	wantFile  = "give a file that `sendbench run --out FILE` wrote"
	wantFirst = `a record's first line is {"record":"run",…}; ` + wantFile
)

// decoder builds a record from its lines.
type decoder struct {
	lines *lineReader
	name  string
	rec   *Record // nil before the run line
	names *roster
}

func (d *decoder) errorf(format string, args ...any) *FormatError {
	return &FormatError{Name: d.name, Line: max(1, d.lines.n), Reason: fmt.Sprintf(format, args...)}
}

func (d *decoder) finish() (*Record, error) {
	if d.rec == nil {
		return nil, d.errorf("the file is empty; %s", wantFile)
	}
	return d.rec, nil
}

// cutOff reports whether the file breaks off in this line. A line that the
// Writer wrote ends in a newline, so one that doesn't is not relied on, even if
// it happens to be JSON.
func (d *decoder) cutOff(line []byte, whole bool) bool {
	if line[0] != '{' {
		return false
	}
	if d.rec == nil && !bytes.HasPrefix(line, []byte(`{"record":"run"`)) {
		return false // foreign rather than cut
	}
	if !whole {
		return true
	}
	if !d.lines.last() {
		return false
	}
	var value json.RawMessage
	return json.NewDecoder(bytes.NewReader(line)).Decode(&value) == io.ErrUnexpectedEOF
}

func (d *decoder) truncated() (*Record, error) {
	if d.rec == nil {
		return nil, d.errorf("the file is cut off in its first line, which leaves nothing to resume; measure again with `sendbench run --out %s`", d.name)
	}
	err := d.errorf("the file is cut off in this line; `sendbench run --resume --out %s` completes it", d.name)
	err.Truncated = true
	return d.rec, err
}

// trialStart begins a trial's line as the Writer writes it.
var trialStart = []byte(`{"record":"trial",`)

// decode adds one line to the record.
func (d *decoder) decode(line []byte) error {
	// Nearly all lines are trials. Those that say so at once are read once, without
	// a first look at what they are.
	if d.rec != nil && d.rec.End == nil && bytes.HasPrefix(line, trialStart) {
		return d.decodeTrial(line)
	}
	var head struct {
		Record string `json:"record"`
		Schema int    `json:"schema"`
	}
	if err := d.unmarshal(line, &head); err != nil {
		return err
	}
	if d.rec == nil {
		return d.decodeRun(line, head.Record, head.Schema)
	}
	if d.rec.End != nil {
		return d.errorf("a line after the end of the record; an end line comes last, and two runs need two files")
	}
	switch head.Record {
	case kindTrial:
		return d.decodeTrial(line)
	case kindUnsupported:
		var u Unsupported
		if err := d.unmarshal(line, &u); err != nil {
			return err
		}
		if err := d.checkPresent(line, u.Cell); err != nil {
			return err
		}
		err := u.check()
		if err == nil {
			u.Cell, err = d.names.enter(u.Cell)
		}
		if err != nil {
			return d.errorf("%v", err)
		}
		d.rec.Unsupported = append(d.rec.Unsupported, u)
	case kindEnd:
		var e End
		if err := d.unmarshal(line, &e); err != nil {
			return err
		}
		if err := e.check(); err != nil {
			return d.errorf("%v", err)
		}
		d.rec.End = &e
	case kindRun:
		return d.errorf("a second run line; two runs need two files")
	default:
		return d.errorf("lines of kind %.40q are not known to this version, which reads run, trial, unsupported and end; a newer sendbench may read them", head.Record)
	}
	return nil
}

// mostAtOnce is for how many trials there is room from the beginning, if the plan has as
// many: making room as they come takes twice the memory. What a plan says is not relied
// on beyond that.
const mostAtOnce = 1 << 17

// checkPresent is about the fields of a cell whose zero values are good ones: whether
// one that is zero is there at all only the line can tell.
func (d *decoder) checkPresent(line []byte, c Cell) error {
	if c.Connected && c.Segment != 0 {
		return nil
	}
	var head struct {
		Cell struct {
			Connected json.RawMessage `json:"connected"`
			Segment   json.RawMessage `json:"segment"`
		} `json:"cell"`
	}
	if err := d.unmarshal(line, &head); err != nil {
		return err
	}
	switch {
	case missing(head.Cell.Connected):
		return d.errorf("cell.connected is missing; it is true or false")
	case missing(head.Cell.Segment):
		return d.errorf("cell.segment is missing; it is a number of bytes, 0 for none")
	}
	return nil
}

// decodeTrial adds a trial's line. Names of its cell are those of earlier trials, so
// that a record of many trials doesn't hold them as often.
func (d *decoder) decodeTrial(line []byte) error {
	var t Trial
	if err := d.unmarshal(line, &t); err != nil {
		return err
	}
	if t.Record != kindTrial {
		return d.errorf("the line says of itself that it is a %s and a %.40q", kindTrial, t.Record)
	}
	if err := d.checkPresent(line, t.Cell); err != nil {
		return err
	}
	err := t.check(d.rec.Run.Plan.Baseline)
	if err == nil {
		t.Cell, err = d.names.enter(t.Cell)
	}
	if err != nil {
		return d.errorf("%v", err)
	}
	t.emptyNil()
	if d.rec.Trials == nil {
		p := d.rec.Run.Plan
		d.rec.Trials = make([]Trial, 0, min(p.Rounds*len(p.Cells), mostAtOnce))
	}
	d.rec.Trials = append(d.rec.Trials, t)
	return nil
}

func (d *decoder) decodeRun(line []byte, kind string, schema int) error {
	switch {
	case kind == kindTrial || kind == kindUnsupported || kind == kindEnd:
		return d.errorf("a line of kind %s before the run line; %s", kind, wantFirst)
	case kind != kindRun:
		return d.errorf("not a sendbench record: %s; %s", excerpt(line), wantFirst)
	case schema != Schema:
		return d.errorf("the record has schema %d and this version reads schema %d; read it with the sendbench that wrote it", schema, Schema)
	}
	var r Run
	if err := d.unmarshal(line, &r); err != nil {
		return err
	}
	if err := r.check(d.names); err != nil {
		return d.errorf("%v", err)
	}
	r.emptyNil()
	d.rec = &Record{Run: r}
	return nil
}

// unmarshal decodes a line and explains in the record's terms why it can't.
func (d *decoder) unmarshal(line []byte, v any) error {
	err := json.Unmarshal(line, v)
	var mistyped *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mistyped) && mistyped.Field == "":
		return d.errorf("the line is a JSON %s; a line of a record is an object", mistyped.Value)
	case errors.As(err, &mistyped):
		return d.errorf("%.80s is a JSON %.40s; it should be %s", mistyped.Field, mistyped.Value, typeName(mistyped.Type))
	case d.rec == nil:
		return d.errorf("not a sendbench record: %s; %s", excerpt(line), wantFirst)
	}
	return d.errorf("not JSON (%v): %s; a line of a record is one JSON object", err, excerpt(line))
}

// missing reports whether a field was left out or null.
func missing(raw json.RawMessage) bool {
	return raw == nil || string(raw) == "null"
}
