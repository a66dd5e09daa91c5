package guest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
)

// Kinds of Event. A machine that ends without Done has failed, whatever else it
// said.
const (
	Boot   = "boot"   // the first: Text is the kernel's release
	Start  = "start"  // of a step
	Output = "output" // of a step: Text is a line
	File   = "file"   // of a step: Name and Data
	End    = "end"    // of a step
	Fault  = "fault"  // Text is what the machine couldn't be prepared for
	Done   = "done"   // the last
)

// Event is one line over the serial port.
type Event struct {
	Kind string `json:"kind"`
	Step string `json:"step,omitempty"`
	Text string `json:"text,omitempty"`
	Name string `json:"name,omitempty"` // of a file
	Data []byte `json:"data,omitempty"` // of a file, by gzip(1)
	// Exit is a step's exit code, or 128 and the number of the signal that ended it
	// as a shell has it; Late is that it was killed for lack of time.
	Exit int           `json:"exit,omitempty"`
	Late bool          `json:"late,omitempty"`
	Took time.Duration `json:"took,omitempty"` // of End
}

// marker begins every line, so that a line of anything else is told apart.
const marker = "@vmtest "

// maxLine bounds what is taken for a line, in bytes. A record of some hundred
// trials is far below.
const maxLine = 16 << 20

// Writer writes Events. Several goroutines may use it.
type Writer struct {
	mu sync.Mutex
	w  io.Writer
}

// NewWriter returns a Writer to a serial port.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write sends an event.
func (w *Writer) Write(e Event) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.w.Write(append(append([]byte(marker), line...), '\n'))
	return err
}

// Reader reads Events.
type Reader struct{ lines *bufio.Scanner }

// NewReader returns a Reader of a serial port's other end.
func NewReader(r io.Reader) *Reader {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	return &Reader{lines}
}

// Read returns the next event, io.EOF after the last. What isn't marked as one is
// the firmware's and passed over; what is, and can't be read, is an error.
func (r *Reader) Read() (Event, error) {
	for r.lines.Scan() {
		_, line, found := bytes.Cut(r.lines.Bytes(), []byte(marker))
		if !found {
			continue
		}
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return Event{}, fmt.Errorf("a damaged line on the serial port, %.80q: %w", line, err)
		}
		return e, nil
	}
	if err := r.lines.Err(); err != nil {
		return Event{}, fmt.Errorf("read the serial port: %w", err)
	}
	return Event{}, io.EOF
}
