//go:build linux

package runner

import (
	"errors"
	"fmt"
	"os"

	"sendbench/runner/results"
)

// A resumed run goes on where the record stops.

// roundKey names a round within a run.
type roundKey struct {
	profile string
	round   int
}

// whole returns the trials of all rounds of a record that are complete, and
// which rounds those are. Of the rest, of a round that an interruption cut, some
// lines may be there; they are no use, since ratios are taken inside a round.
func whole(rec *results.Record, rounds []Round) (trials []results.Trial, done map[roundKey]bool) {
	have := map[roundKey]map[results.Cell]bool{}
	for _, t := range rec.Trials {
		k := roundKey{t.Cell.NIC, t.Round}
		if have[k] == nil {
			have[k] = map[results.Cell]bool{}
		}
		have[k][t.Cell] = true
	}
	done = map[roundKey]bool{}
	for _, r := range rounds {
		k := roundKey{r.Profile, r.Round}
		done[k] = len(have[k]) == len(r.Cells)
	}
	for _, t := range rec.Trials {
		if done[roundKey{t.Cell.NIC, t.Round}] {
			trials = append(trials, t)
		}
	}
	return trials, done
}

// sameMachine returns an error if a record was made on another machine, kernel
// or build than now, or by a user with other rights: its trials and new ones
// could not be compared.
func sameMachine(old, now results.Environment) error {
	for _, f := range []struct {
		what     string
		old, now any
	}{
		{"machine", old.MachineKey, now.MachineKey},
		{"CPU", old.CPUModel, now.CPUModel},
		{"number of CPUs", old.CPUs, now.CPUs},
		{"kernel", old.KernelFull, now.KernelFull},
		{"build of sendbench", old.Build, now.Build},
		{"privileges", old.Privileges, now.Privileges},
		{"locked-memory limit", old.MemlockBytes, now.MemlockBytes},
	} {
		if f.old != f.now {
			return fmt.Errorf("the record was made with another %s (%v, now %v); leave out --resume to start anew", f.what, f.old, f.now)
		}
	}
	return nil
}

// Salvage reads a record to go on with: one whose last line is cut off is as good
// as one that ends with the line before.
func Salvage(path string) (*results.Record, error) {
	rec, err := results.ReadFile(path)
	var format *results.FormatError
	if errors.As(err, &format) && format.Truncated {
		return rec, nil
	}
	return rec, err
}

// CheckResume tells, as CheckOutput does, whether the record in a file can be gone
// on with.
func CheckResume(path string) error {
	if err := CheckOutput(path); err != nil {
		return err
	}
	f, err := openBeside(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// rewrite replaces a record by one without what is not to be kept, in one step,
// and opens it to go on writing.
func rewrite(path string, rec *results.Record) (*os.File, error) {
	f, err := openBeside(path)
	if err != nil {
		return nil, err
	}
	err = results.Write(f, rec)
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// openBeside opens a new file that can take a record's place.
func openBeside(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".resume", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, fmt.Errorf("%s can't be gone on with in its directory: %w; copy it to one that you may write to", path, errors.Unwrap(err))
	}
	return f, nil
}
