package results

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine bounds a line in bytes. The longest is the run's, with about 200
// bytes for each cell of the plan.
const maxLine = 16 << 20

var errLongLine = errors.New("line too long")

// lineReader reads line by line in bounded memory.
type lineReader struct {
	r     *bufio.Reader
	limit int // of a line, in bytes
	buf   []byte
	n     int // number of the last line read, from 1
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), limit: maxLine}
}

// next returns the next line without its newline; it is valid until the next
// call. whole is false for a last line that has no newline. The error is io.EOF
// after the last line, errLongLine, or the reader's.
func (l *lineReader) next() (line []byte, whole bool, err error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		switch {
		case len(l.buf) > l.limit:
			l.n++
			return nil, false, errLongLine
		case err == nil:
			l.n++
			return bytes.TrimSuffix(l.buf, []byte("\n")), true, nil
		case err == bufio.ErrBufferFull:
		case err == io.EOF && len(l.buf) > 0:
			l.n++
			return l.buf, false, nil
		default:
			return nil, false, err
		}
	}
}

// last reports whether no line follows.
func (l *lineReader) last() bool {
	_, err := l.r.Peek(1)
	return err == io.EOF
}
