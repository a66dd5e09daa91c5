package results

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Bounds of bench output, which may be anybody's. A result takes about 800 bytes of
// memory.
const (
	maxBenchLine    = 64 << 10
	maxBenchResults = 1 << 17
	maxBenchCells   = 1 << 14
	maxBenchName    = 1 << 10 // bytes
	maxBenchReason  = 1 << 10 // bytes kept of why a benchmark was skipped
)

// wantBench says what would have been right.
const wantBench = "BenchmarkSend's results are lines such as `BenchmarkSend/link=…/size=1400/strategy=write 100 2750 ns/op 4072727272 bit/s …`, as go test -bench, make bench and `sendbench report --format bench` print them"

// ReadReportable reads a file that can be reported on: a record, as ReadFile does, or
// bench output of this project, as ReadBench does. What is neither gives a
// *FormatError.
func ReadReportable(path string) (*Record, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := peekedFile{bufio.NewReaderSize(f, 4<<10), path}
	first, err := firstSign(in.Reader)
	switch {
	case err == io.EOF || first == '{' || first == '[':
		return Read(in) // which says that the file is empty
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return ReadBench(in, path)
}

// peekedFile is a file of which the beginning was looked at.
type peekedFile struct {
	*bufio.Reader
	path string
}

func (f peekedFile) Name() string { return f.path }

// firstSign is the first byte of what follows that isn't white space, which it passes
// over as far as it has to: a kilobyte of nothing else is no space to either format.
func firstSign(in *bufio.Reader) (byte, error) {
	head, err := in.Peek(1 << 10)
	for _, b := range head {
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return b, nil
		}
	}
	if err == nil {
		return ' ', nil
	}
	return 0, err
}

// ReadBench reads the Go benchmark lines of BenchmarkSend, with or without the round
// keys that make bench puts between them, as a record whose Run.Bench isn't nil. Lines
// of go test around them are passed over, but for benchmarks that were skipped (go test
// -v tells why), which are unsupported cells. All else is a *FormatError under the name
// given: a benchmark of another project, one at a set rate, whose latencies the lines
// don't hold, and output of two machines in one file.
func ReadBench(r io.Reader, name string) (*Record, error) { return newBenchDecoder(r, name).read() }

// noRound is the round of results that stand under no round key.
const noRound = -1

// benchDecoder builds a record from bench output.
type benchDecoder struct {
	lines lineReader
	name  string
	most  int                  // results
	keys  map[string]string    // of the file, those that are kept
	cells map[string]benchCell // by the name of the benchmark
	round int                  // that the lines are of
	rec   Record
	procs []int        // by trial: the -N of its name, 1 without
	skip  *Unsupported // that what is logged is the reason of; nil if it isn't
	fail  bool         // go test says that something failed
}

func newBenchDecoder(r io.Reader, name string) *benchDecoder {
	return &benchDecoder{
		lines: lineReader{r: bufio.NewReaderSize(r, 4<<10), limit: maxBenchLine}, name: name, most: maxBenchResults,
		keys: map[string]string{}, cells: map[string]benchCell{}, round: noRound,
	}
}

func (d *benchDecoder) read() (*Record, error) {
	for {
		line, _, err := d.lines.next()
		switch {
		case err == io.EOF:
			return d.finish()
		case err == errLongLine:
			return nil, d.errorf("the line is longer than %d KiB; %s", maxBenchLine>>10, wantBench)
		case err != nil:
			return nil, fmt.Errorf("reading %s after line %d: %w", d.name, d.lines.n, err)
		}
		if err := d.decode(string(line)); err != nil {
			return nil, d.errorf("%v", err)
		}
	}
}

func (d *benchDecoder) errorf(format string, args ...any) *FormatError {
	return &FormatError{Name: d.name, Line: max(1, d.lines.n), Reason: fmt.Sprintf(format, args...)}
}

// decode takes a line in.
func (d *benchDecoder) decode(line string) error {
	if !utf8Printable(line) {
		return d.foreign(line)
	}
	if rest, ok := strings.CutPrefix(line, "    "); ok { // what the benchmark before logged
		d.because(rest)
		return nil
	}
	d.skip = nil
	line = strings.TrimSpace(line)
	key, value, isKey := benchKey(line)
	switch {
	case line == "" || strings.HasPrefix(line, "Unit "):
		return nil
	case strings.HasPrefix(line, "Benchmark"):
		return d.result(line)
	case strings.HasPrefix(line, "--- "):
		return d.outcome(strings.TrimPrefix(line, "--- "))
	case isKey:
		return d.setKey(key, value)
	case d.ofGoTest(line):
		return nil
	}
	return d.foreign(line)
}

// foreign is the error of a line that is none of bench output. The first line decides
// what a file is taken for.
func (d *benchDecoder) foreign(line string) error {
	if len(d.rec.Trials)+len(d.keys) == 0 {
		return fmt.Errorf("neither a sendbench record nor bench output: %s; a record's first line is {\"record\":\"run\",…}, and %s", excerpt([]byte(line)), wantBench)
	}
	return fmt.Errorf("%s is no line of bench output; %s", excerpt([]byte(line)), wantBench)
}

// ofGoTest tells whether a line is go test's own.
func (d *benchDecoder) ofGoTest(line string) bool {
	if line == "FAIL" || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "exit status ") {
		d.fail = true
		return true
	}
	return line == "PASS" || strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "ok\t") || strings.HasPrefix(line, "=== ")
}

// utf8Printable tells whether a line is text.
func utf8Printable(line string) bool {
	return !strings.ContainsFunc(line, func(r rune) bool {
		return r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\t' && r != '\r'
	})
}

// benchKey reads a file key and its value, as the format has them
// (https://go.dev/design/14313-benchmark-format): a lower-case word and a colon.
func benchKey(line string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(line, ":")
	if !ok || key == "" || key[0] < 'a' || key[0] > 'z' || value != "" && value[0] != ' ' && value[0] != '\t' ||
		strings.ContainsFunc(key, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsUpper(r) }) {
		return "", "", false
	}
	return key, strings.TrimSpace(value), true
}

// machineKeys are those that tell one machine and run from another, and may not change
// within a file.
var machineKeys = []string{"goos", "goarch", "cpu", "cpus", "kernel", "driver", "privileges", "go", "commit", "run"}

func (d *benchDecoder) setKey(key, value string) error {
	switch {
	case key == "round":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > maxRound {
			return fmt.Errorf("round is %s; it is a whole number from 0 to %d", excerpt([]byte(value)), maxRound)
		}
		d.round = n
	case key == "pkg" && value != "sendbench":
		return fmt.Errorf("pkg is %s: benchmarks of another package; %s", excerpt([]byte(value)), wantBench)
	case slices.Contains(machineKeys, key):
		if before, ok := d.keys[key]; ok && before != value {
			return fmt.Errorf("%s is %s and was %s before; output of two machines or builds needs two files", key, excerpt([]byte(value)), excerpt([]byte(before)))
		}
		d.keys[key] = strings.Clone(value)
	}
	return nil
}

// outcome takes in go test's word on a benchmark without a result.
func (d *benchDecoder) outcome(text string) error {
	tag, name, _ := strings.Cut(text, ": ")
	switch tag {
	case "FAIL":
		d.fail = true
	case "SKIP":
		// The root is skipped where no link can be had, and has no cell.
		if c, err := d.cell(name); err == nil {
			if len(d.rec.Unsupported) >= d.most {
				return d.tooMany()
			}
			d.rec.Unsupported = append(d.rec.Unsupported, Unsupported{Record: kindUnsupported, Cell: c.cell})
			d.skip = &d.rec.Unsupported[len(d.rec.Unsupported)-1]
		}
	}
	return nil
}

// because takes in a line that a benchmark logged: why it was skipped, behind the
// place in the source.
func (d *benchDecoder) because(text string) {
	if d.skip == nil {
		return
	}
	text = strings.TrimSpace(text)
	if place, rest, ok := strings.Cut(text, ": "); ok && strings.Contains(place, ".go:") {
		text = rest
	}
	if len(d.skip.Reason)+len(text) < maxBenchReason {
		d.skip.Reason = strings.TrimSpace(d.skip.Reason + " " + text)
	}
}

func (d *benchDecoder) tooMany() error {
	return fmt.Errorf("more than %d results; give a part of them", d.most)
}

// result takes in a benchmark's result.
func (d *benchDecoder) result(line string) error {
	fields := strings.Fields(line)
	if len(fields) == 1 { // go test -v says what it begins
		return nil
	}
	if len(d.rec.Trials) >= d.most {
		return d.tooMany()
	}
	c, err := d.cell(fields[0])
	if err != nil {
		return err
	}
	t, err := benchTrial(c.cell, fields[1:])
	if err != nil {
		return fmt.Errorf("%s: %w", excerpt([]byte(fields[0])), err)
	}
	if err := t.check(benchBaseline); err != nil {
		return err
	}
	t.Record, t.Round, t.SuperRound = kindTrial, d.round, d.round
	t.emptyNil()
	d.rec.Trials = append(d.rec.Trials, t)
	d.procs = append(d.procs, c.procs)
	return nil
}

// cell reads a benchmark's name. Most names come again, and share their text.
func (d *benchDecoder) cell(name string) (benchCell, error) {
	if c, ok := d.cells[name]; ok {
		return c, nil
	}
	switch {
	case len(name) > maxBenchName:
		return benchCell{}, fmt.Errorf("the benchmark's name is longer than %d bytes; %s", maxBenchName, wantBench)
	case len(d.cells) >= maxBenchCells:
		return benchCell{}, fmt.Errorf("more than %d benchmarks; give a part of them", maxBenchCells)
	}
	name = strings.Clone(name)
	c, err := parseBenchName(name)
	if err == nil {
		d.cells[name] = c
	}
	return c, err
}
