//go:build linux

package runner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sendbench/runner/results"
)

// output is the record's file. It is opened before anything is measured, so that
// a place that can't be written is known at once, and what was there is replaced
// only when the new record begins.
type output struct {
	file  *os.File
	made  bool // by us, and empty as yet
	begun bool
}

func openOutput(path string) (*output, error) {
	_, err := os.Lstat(path)
	made := errors.Is(err, fs.ErrNotExist)
	if made {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return nil, fmt.Errorf("the record can't be written: %w; name another file with --out", err)
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("the record can't be written: %w; name another file with --out", err)
	}
	return &output{file: f, made: made}, nil
}

// begin writes the record's head in place of what was there.
func (o *output) begin(rec *results.Record) error {
	if err := o.file.Truncate(0); err != nil {
		return err
	}
	o.begun = true
	return results.Write(o.file, rec)
}

// close closes the file and leaves none behind that nothing was written to.
func (o *output) close() error {
	err := o.file.Close()
	if o.made && !o.begun {
		err = errors.Join(err, os.Remove(o.file.Name()))
	}
	return err
}
