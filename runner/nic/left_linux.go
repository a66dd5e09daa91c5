package nic

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Why a journal can't be restored from here.
var (
	// ErrRestarted: the machine was, and devices came up with their own settings.
	ErrRestarted = errors.New("the machine has been restarted since, which reset the device")
	// ErrElsewhere: the device is in another network namespace than the caller.
	ErrElsewhere = errors.New("the device is in another network namespace")
	// ErrGone: the device was removed, replaced, or moved to another namespace.
	ErrGone = errors.New("the device is gone")
)

// Left reads the journals in StateDir: of runs that are still there, and of those
// that were killed. One that can't be read is part of the error, which doesn't
// keep the others from being returned. It changes nothing.
func Left() ([]Journal, error) {
	dir, err := StateDir()
	if err != nil {
		return nil, err
	}
	return leftIn(dir)
}

func leftIn(dir string) ([]Journal, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("nic: look for journals: %w", err)
	}
	var (
		left    []Journal
		damaged []error
	)
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "nic-") || !strings.HasSuffix(entry.Name(), ".json") {
			continue
		}
		j, err := readJournal(filepath.Join(dir, entry.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // its run has ended this moment
		}
		if err == nil {
			err = j.judge()
		}
		if err != nil {
			damaged = append(damaged, err)
			continue
		}
		left = append(left, j)
	}
	return left, errors.Join(damaged...)
}

// judge finds out what became of the journal's run and device.
func (j *Journal) judge() error {
	j.Stale, j.Running = nil, nil
	boot, err := bootID()
	if err != nil {
		return fmt.Errorf("nic: %w", err)
	}
	if j.Boot != boot {
		j.Stale = ErrRestarted
		return nil
	}
	here, err := hereCookie()
	if err != nil {
		return fmt.Errorf("nic: %w", err)
	}
	if j.Cookie != here {
		j.Stale = ErrElsewhere
		if j.Namespace != "" {
			j.Stale = fmt.Errorf("%w, %s; lsns --type net lists them, and nsenter enters one", ErrElsewhere, j.Namespace)
		}
		return nil
	}
	if j.Running, err = lockHolder(j.Device, j.Index); err != nil {
		return err
	}
	j.Stale, err = j.gone()
	return err
}

// gone says whether the device with the journal's index is another one, or none.
func (j *Journal) gone() (stale, err error) {
	link, err := netlink.LinkByIndex(j.Index)
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return fmt.Errorf("%w, with its settings", ErrGone), nil
	}
	if err != nil {
		return nil, fmt.Errorf("nic: look up %s: %w", j.Device, os.NewSyscallError("netlink", err))
	}
	if now := link.Attrs().PermHWAddr.String(); now != j.Address {
		return fmt.Errorf("%w: %s with its index has the hardware address %q, not %q", ErrGone, link.Attrs().Name, now, j.Address), nil
	}
	j.Device = link.Attrs().Name // it may have been renamed
	return nil, nil
}

// Restore puts the device back as it was before the first change of a run that
// was killed, reads it back, and removes the journal. It needs what the run
// needed, CAP_NET_ADMIN in the device's network namespace, and to be called in
// that. A device that a run has now is a *BusyError; a journal that is stale is
// an error that wraps Stale. After an error it may be called again.
func (j Journal) Restore() (err error) {
	if j.Stale != nil {
		return fmt.Errorf("nic: %s can't be put back: %w", j.Device, j.Stale)
	}
	lock, err := takeLock(j.Device, j.Index)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	// Until the lock was ours the run might have been alive.
	now, err := readJournal(j.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if now.Cookie != lock.cookie {
		return fmt.Errorf("nic: %s can't be put back: %w", j.Device, ErrElsewhere)
	}
	if stale, err := now.gone(); stale != nil || err != nil {
		return errors.Join(stale, err)
	}
	device, err := Open(now.Device)
	if err != nil {
		return err
	}
	defer device.Close()
	if device.index != now.Index {
		return fmt.Errorf("nic: %s was renamed this moment: %w", now.Device, unix.EAGAIN)
	}
	if err := device.Restore(now.Before); err != nil {
		return err
	}
	return now.remove()
}

// Forget removes the journal and leaves the device as it is. A device that a run
// has now is a *BusyError.
func (j Journal) Forget() error {
	if j.Running != nil {
		return j.Running
	}
	if err := os.Remove(j.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("nic: forget %s: %w", j.Device, err)
	}
	return nil
}
