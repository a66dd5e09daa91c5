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
	made  []string // what is there only because of us, the file first, then directories outwards
	begun bool
}

// CheckOutput tells whether a record can be written to a file, and leaves all as
// it was. It is for the process outside: in a user namespace a process overrides
// the modes of its user's own files (CAP_DAC_OVERRIDE, capabilities(7)), and would
// write over a record that was made read-only.
func CheckOutput(path string) error {
	o, err := openOutput(path)
	if err != nil {
		return err
	}
	return o.close()
}

func openOutput(path string) (*output, error) {
	o := &output{}
	if err := o.open(path); err != nil {
		err = fmt.Errorf("the record can't be written: %w; name another file with --out", err)
		return nil, errors.Join(err, o.unmake())
	}
	return o, nil
}

func (o *output) open(path string) error {
	info, err := os.Stat(path)
	flags := os.O_WRONLY
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := o.makeDir(filepath.Dir(path)); err != nil {
			return err
		}
		flags |= os.O_CREATE | os.O_EXCL
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a directory", path)
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file", path)
	}
	if o.file, err = os.OpenFile(path, flags, 0o666); err != nil {
		return err
	}
	if flags&os.O_CREATE != 0 {
		o.made = append([]string{path}, o.made...)
	}
	return nil
}

// makeDir makes a directory with those above it.
func (o *output) makeDir(dir string) error {
	_, err := os.Stat(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := o.makeDir(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	o.made = append([]string{dir}, o.made...)
	return nil
}

// begin writes the record's head in place of what was there.
func (o *output) begin(rec *results.Record) error {
	o.begun = true
	if err := o.file.Truncate(0); err != nil {
		return err
	}
	return results.Write(o.file, rec)
}

// close closes the file and leaves none behind that nothing was written to.
func (o *output) close() error {
	err := o.file.Close()
	if o.begun {
		return err
	}
	return errors.Join(err, o.unmake())
}

// unmake takes away what was made for a record that didn't come.
func (o *output) unmake() error {
	var errs []error
	for _, name := range o.made {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(errs...)
}
