package nic

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// LeaseOptions say how a device that isn't the process's own may be changed.
type LeaseOptions struct {
	// Force changes a device that this machine's own traffic depends on, see
	// Guarded, and one that loses for good what doesn't go with its MTU: its IPv6
	// addresses below 1280, say.
	Force bool
	// Dir is the directory of the journal, "" for StateDir. It is made when it
	// is needed.
	Dir string
	// Ended is closed when nobody wants the device changed any more: then no link is
	// waited for. It may be nil.
	Ended <-chan struct{}
}

// Lease is the right to change a device, which one process has at a time. What
// it changes is put back by Close, or, if the process is killed before, by
// Journal.Restore. A Lease is not safe for concurrent use.
type Lease struct {
	device   *Device
	driver   string
	force    bool
	guarded  bool // Guarded has been asked
	lock     *lock
	journal  Journal
	noted    bool // the journal is on disk
	closed   bool
	ended    <-chan struct{}
	patience time.Duration // with a link that is to come back
	watch    func(driver string, p Profile) time.Duration
}

// LeftError says that a run which has ended left the device changed: it was killed, or
// the device refused to be put back.
type LeftError struct {
	Journal Journal
}

func (e *LeftError) Error() string {
	return fmt.Sprintf("nic: %s is as process %d left it, which has ended without putting it back: do so first, with sendbench nic restore", e.Journal.Device, e.Journal.PID)
}

// Lease reserves the device, and changes nothing yet. The calling thread must be
// in the device's network namespace. Where another process has the device that is
// a *BusyError; where one that has ended left it changed, a *LeftError.
func (d *Device) Lease(o LeaseOptions) (*Lease, error) {
	link, err := d.self()
	if err != nil {
		return nil, err
	}
	driver, err := d.driver()
	if err != nil {
		return nil, err
	}
	boot, err := bootID()
	if err != nil {
		return nil, fmt.Errorf("nic: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("nic: %w", err)
	}
	run, err := thisProcess()
	if err != nil {
		return nil, err
	}
	dir := o.Dir
	if dir == "" {
		if dir, err = StateDir(); err != nil {
			return nil, err
		}
	}
	lock, err := takeLock(d.name, d.index)
	if err != nil {
		return nil, err
	}
	l := &Lease{device: d, driver: driver, force: o.Force, lock: lock, ended: o.Ended, patience: carrierPatience, watch: watchAfter, journal: Journal{
		Schema: journalSchema, Device: d.name, Index: d.index,
		Address: link.Attrs().PermHWAddr.String(), Kind: link.Type(), MAC: link.Attrs().HardwareAddr.String(),
		Host: host, Boot: boot, Cookie: lock.cookie, Namespace: namespaceLabel(),
		PID: run.pid, PIDSpace: run.namespace, Started: run.started,
		Path: filepath.Join(dir, journalName(boot, lock.cookie, d.index)),
	}}
	if err := l.check(); err != nil {
		return nil, errors.Join(err, lock.release())
	}
	return l, nil
}

// check makes sure that the lock is that of this device, and that the device is
// as its owner wants it.
func (l *Lease) check() error {
	cookie, err := namespaceCookie(l.device.route.Socket.GetFd())
	if err != nil {
		return fmt.Errorf("nic: %w", err)
	}
	if cookie != l.lock.cookie {
		return fmt.Errorf("nic: %s: %w than this thread: lease it where it was opened", l.device.name, ErrElsewhere)
	}
	left, err := readJournal(l.journal.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return &LeftError{left}
}

// Apply is Device.Apply for a device that goes on living: before the first change
// the device's state is on disk, and before each further one what is about to be
// changed. After a change that drops the carrier, be it a little later, it waits until
// that is back. A link that doesn't come back is put back and is a *SettingError, as is
// what the device can't have, or not without Force; a device that isn't to be changed
// without Force at all, a *GuardError. Where the wait is ended the device is put back, too.
//
// undo puts the device back as it was before this Apply.
func (l *Lease) Apply(p Profile) (undo func() error, err error) {
	return l.apply(p, l.device.change)
}

func (l *Lease) apply(p Profile, change func(wanted) error) (undo func() error, err error) {
	if l.closed {
		return nil, fmt.Errorf("nic: the lease of %s is closed: take another", l.device.name)
	}
	w, err := l.device.plan(p)
	if err != nil {
		return nil, err
	}
	if p == (Profile{}) {
		return func() error { return nil }, nil
	}
	if err := l.guard(w); err != nil {
		return nil, err
	}
	before, err := l.device.State()
	if err != nil {
		return nil, err
	}
	had, err := l.device.carrier()
	if err != nil {
		return nil, err
	}
	if err := l.note(p, before); err != nil {
		return nil, err
	}
	undo = func() error {
		if l.closed {
			return nil // Close has put it back
		}
		if err := l.device.Restore(before); err != nil {
			return err
		}
		if err := l.await(had, p, "after it was put back"); !errors.Is(err, errWaitEnded) {
			return err
		}
		return nil // as Close leaves it
	}
	if err = change(w); err == nil {
		err = l.await(had, p, "so that it was put back")
	}
	if err != nil {
		if undoErr := undo(); undoErr != nil {
			err = fmt.Errorf("%w; and then: %w", err, undoErr)
		}
		return nil, err
	}
	return undo, nil
}

// await waits for the link after a change.
func (l *Lease) await(had uint32, p Profile, then string) error {
	err := l.device.awaitCarrier(had, carrierWait{l.watch(l.driver, p), l.patience, l.ended})
	switch {
	case errors.Is(err, errNoCarrier):
		return &SettingError{Device: l.device.name, Setting: p.String(),
			Reason: fmt.Sprintf("the link did not come back within %v, %s: leave it out", l.patience, then)}
	case errors.Is(err, errWaitEnded):
		return fmt.Errorf("nic: %s under %s: %w", l.device.name, p, err)
	}
	return err
}

// guard refuses what Guarded says, which is asked once, and what mtuLoss does.
func (l *Lease) guard(w wanted) error {
	if l.force {
		return nil
	}
	if !l.guarded {
		if err := l.device.Guarded(); err != nil {
			return err
		}
		l.guarded = true
	}
	if mtu, ok := w.numbers["mtu"]; ok {
		return l.device.mtuLoss(mtu)
	}
	return nil
}

// note writes down what is about to be changed and, before the first change, how
// the device is.
func (l *Lease) note(p Profile, now State) error {
	j := l.journal
	if !l.noted {
		j.Before = now
		if err := os.MkdirAll(filepath.Dir(j.Path), 0o700); err != nil {
			return fmt.Errorf("nic: %s is not changed, since its journal can't be written: %w", j.Device, err)
		}
	}
	j.Profile, j.Written = p.String(), time.Now().UTC()
	if err := j.write(); err != nil {
		return err
	}
	l.journal, l.noted = j, true
	return nil
}

// Close puts the device back as it was before the first Apply, reads it back,
// removes the journal and gives the device up. Where something can't be put back
// the error names it and the journal stays, for Journal.Restore. It doesn't wait
// for the link, and closing twice is no harm.
func (l *Lease) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	err := l.putBack()
	return errors.Join(err, l.lock.release())
}

func (l *Lease) putBack() error {
	if !l.noted {
		return nil
	}
	if err := l.device.Restore(l.journal.Before); err != nil {
		return fmt.Errorf("%w; sendbench nic restore tries again", err)
	}
	return l.journal.remove()
}
