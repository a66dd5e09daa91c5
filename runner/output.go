//go:build linux

package runner

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
	"sendbench/runner/results"
)

// output is a record's file, held against other runs. It is opened before
// anything is measured, so that a place that can't be written is known at once.
// The record begins in a file beside it that takes its place in one step: until
// then whatever was there stays, and a run that is killed leaves no half of a
// head.
//
// Both files are locked (flock(2)) as long as they are open, and a lock ends with
// its process. Whoever is to begin a record holds the lock of the file beside,
// which becomes that of the record when the file does; so two runs can't both
// begin one, nor can one be begun while another run writes to it.
type output struct {
	path   string   // of the record, symbolic links followed
	file   *os.File // beside the record, or the record itself once it has begun
	before *os.File // the record that is there already, nil if there is none
	made   []string // what is there only because of us, the file first, then directories outwards
}

// beside is what the name of the file beside a record ends in.
const beside = ".new"

// The cures of a place that can't be written.
const (
	cureNew    = "name another file with --out"
	cureResume = "copy it to a place where you can write, and name that with --out"
)

// errBusy says that another run has the record.
var errBusy = errors.New("another run has it")

// CheckOutput tells whether a record can be written to a file, and leaves all as
// it was. It is for the process outside: in a user namespace a process overrides
// the modes of its user's own files (CAP_DAC_OVERRIDE, capabilities(7)), and would
// write over a record that was made read-only.
func CheckOutput(path string) error { return checkOutput(path, cureNew) }

// CheckResume tells, as CheckOutput does, whether the record in a file can be gone
// on with.
func CheckResume(path string) error { return checkOutput(path, cureResume) }

func checkOutput(path, cure string) error {
	o, err := openOutput(path, cure)
	if err != nil {
		return err
	}
	return o.close()
}

func openOutput(path, cure string) (*output, error) {
	o := &output{path: path}
	if followed, err := filepath.EvalSymlinks(path); err == nil {
		o.path = followed
	}
	err := o.open()
	if err == nil {
		return o, nil
	}
	if errors.Is(err, errBusy) {
		err = fmt.Errorf("another run is writing %s; wait for it or %s", path, cureNew)
	} else {
		err = fmt.Errorf("the record can't be written: %w; %s", err, cure)
	}
	return nil, errors.Join(err, o.close())
}

func (o *output) open() error {
	info, err := os.Stat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := o.makeDir(filepath.Dir(o.path)); err != nil {
			return err
		}
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory", o.path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no regular file", o.path)
	}
	// First the file beside: while it is held, no other run can begin a record
	// between our look at the one that is there and its replacement.
	if o.file, err = lock(o.path+beside, os.O_CREATE|os.O_APPEND); err != nil {
		return err
	}
	o.made = append([]string{o.file.Name()}, o.made...)
	o.before, err = lock(o.path, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return replaceable(o.path)
}

// replaceable refuses a file that something else than a run has written: it would be lost.
func replaceable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var head struct {
		Record string `json:"record"`
	}
	// The first line of a record says so; an empty file has nothing to lose.
	err = json.NewDecoder(io.LimitReader(f, headLimit)).Decode(&head)
	if err == io.EOF || err == nil && head.Record == "run" {
		return nil
	}
	return fmt.Errorf("%s is no record, and would be replaced by one", path)
}

// headLimit is far more than the first line of a record has, in bytes.
const headLimit = 64 << 20

// lock opens a file to write to and locks it. The error is errBusy if another run
// has the lock, or had it a moment ago and has moved or removed the file since.
func lock(name string, flags int) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|flags, 0o666)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case err == unix.EWOULDBLOCK:
		err = errBusy
	case err != nil:
		err = fmt.Errorf("%s: %w", name, os.NewSyscallError("flock", err))
	case !still(f, name):
		err = errBusy
	default:
		return f, nil
	}
	return nil, errors.Join(err, f.Close())
}

// still tells whether a name is that of an open file.
func still(f *os.File, name string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(open, named)
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

// begin puts the head of a record, and the trials of one that is gone on with, in
// place of what was there. What is written to the file from then on follows it.
func (o *output) begin(rec *results.Record) error {
	// A run that was killed may have left something in it.
	if err := o.file.Truncate(0); err != nil {
		return err
	}
	if err := results.Write(o.file, rec); err != nil {
		return err
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return err
	}
	o.made = nil
	return nil
}

// close gives up the record, and takes away what was made for one that didn't
// come.
func (o *output) close() error {
	var errs []error
	for _, name := range o.made {
		// While the lock is held: the next run's file may have the same name.
		// A directory that another run has put something into stays.
		if err := os.Remove(name); !errors.Is(err, unix.ENOTEMPTY) {
			errs = append(errs, err)
		}
	}
	for _, f := range []*os.File{o.before, o.file} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}
