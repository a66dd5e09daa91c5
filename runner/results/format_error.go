package results

import "fmt"

// FormatError says where and why a file is not a record that can be read, in
// one line.
type FormatError struct {
	Name      string // of the file
	Line      int    // counts from 1
	Reason    string // what is wrong, and what would be right
	Truncated bool   // the file breaks off in this line; the lines before it are good
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Reason)
}

// excerpt is the start of a foreign line, quoted, short enough for a message.
func excerpt(line []byte) string {
	const limit = 40
	if len(line) > limit {
		return fmt.Sprintf("%q…", line[:limit])
	}
	return fmt.Sprintf("%q", line)
}
