package nic

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Why a journal can't be restored from here.
var (
	// ErrRestarted: the machine was, and devices came up with their own settings.
	ErrRestarted = errors.New("the machine has been restarted since, which reset the device")
	// ErrElsewhere: the device is in another network namespace than the caller.
	ErrElsewhere = errors.New("the device is in another network namespace")
	// ErrOtherHost: the device is another machine's, with which this one shares the
	// directory of journals.
	ErrOtherHost = errors.New("the device is another machine's")
	// ErrGone: the device was removed, replaced, or moved to another namespace.
	ErrGone = errors.New("the device is gone")
)

// ErrNoLink says that a device was put back and its link was not, or not soon.
var ErrNoLink = errors.New("its link is not back")

// linkPatience is how long Restore waits for the link: long enough for a copper
// port, and no longer than someone waits for a command that has done its work.
const linkPatience = 5 * time.Second

// Left reads the journals in StateDir: of runs that are still there, and of those
// that have ended without putting their device back. One that can't be read, or that
// another user could have written, is part of the error, which doesn't keep the others
// from being returned. Left removes what those who were killed in writing a journal
// left beside it, and changes nothing else.
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
	if err := ownedDir(dir); err != nil {
		return nil, err
	}
	boot, err := bootID()
	if err != nil {
		return nil, fmt.Errorf("nic: %w", err)
	}
	var (
		left    []Journal
		damaged []error
	)
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		switch named := strings.HasPrefix(entry.Name(), journalPrefix); {
		case named && strings.HasSuffix(path, freshSuffix):
			damaged = append(damaged, dropFresh(path, boot))
			continue
		case !named || !strings.HasSuffix(path, journalSuffix):
			continue
		}
		j, err := readJournal(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its run has ended this moment
		}
		if err == nil {
			err = j.judge(boot)
		}
		if err != nil {
			damaged = append(damaged, err)
			continue
		}
		left = append(left, j)
	}
	return left, errors.Join(damaged...)
}

// judge finds out what became of the journal's run and device. boot is bootID.
func (j *Journal) judge(boot string) error {
	j.Stale, j.Running = nil, nil
	if j.Boot != boot {
		j.Stale = ErrRestarted
		if host, err := os.Hostname(); j.Host != "" && (err != nil || j.Host != host) {
			j.Stale = fmt.Errorf("%w, %s", ErrOtherHost, j.Host)
		}
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
		// Its lock can't be seen from here.
		if alive, _ := j.run().lives(); alive {
			j.Running = &BusyError{Device: j.Device, Namespace: j.Namespace, PID: j.PID, Command: commandOf(j.PID), UID: -1}
		}
		return nil
	}
	if j.Running, err = lockHolder(j.Device, j.Index); err != nil {
		return err
	}
	j.Stale, err = j.gone()
	return err
}

// gone says whether the device with the journal's index is another one, or none. An
// index is given again to another device only if someone asks for it (ip-link(8)) or
// after 2^31 others, but then nothing else may be known of a device without hardware:
// such a one has to have its name, too, and its kind and MAC.
func (j *Journal) gone() (stale, err error) {
	link, err := netlink.LinkByIndex(j.Index)
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		return fmt.Errorf("%w, with its settings", ErrGone), nil
	}
	if err != nil {
		return nil, fmt.Errorf("nic: look up %s: %w", j.Device, os.NewSyscallError("netlink", err))
	}
	now := link.Attrs()
	permanent, mac := now.PermHWAddr.String(), now.HardwareAddr.String()
	switch {
	case permanent != j.Address:
		return fmt.Errorf("%w: %s with its index has the hardware address %q, not %q", ErrGone, now.Name, permanent, j.Address), nil
	case link.Type() != j.Kind:
		return fmt.Errorf("%w: %s with its index is a %s, and %s was a %s", ErrGone, now.Name, link.Type(), j.Device, j.Kind), nil
	case j.Address == "" && now.Name != j.Device:
		return fmt.Errorf("%w: %s has its index, and no permanent address to tell whether it was %s; if so, give it that name again", ErrGone, now.Name, j.Device), nil
	case j.Address == "" && mac != j.MAC:
		return fmt.Errorf("%w: %s with its index has the address %q, not %q; if it is the same, give it that one again", ErrGone, now.Name, mac, j.MAC), nil
	}
	j.Device = now.Name // it may have been renamed
	return nil, nil
}

// Restore puts the device back as it was before the first change of a run that
// has ended without doing so, reads it back, and removes the journal. It needs what the run
// needed, CAP_NET_ADMIN in the device's network namespace, and to be called in
// that. A device that a run has now is a *BusyError; a journal that is stale is
// an error that wraps Stale. After an error it may be called again.
//
// Then it waits for the link of a device that is up, for 5 s: ErrNoLink is that
// this wasn't there, with all put back.
//
// Guarded isn't asked: a default route over the device is no reason to leave it as a
// run made it, and none but its owner and root can have written what it is put back to.
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
		return fmt.Errorf("%w; or set it by hand, and remove %q", err, now.Path)
	}
	if err := now.remove(); err != nil {
		return err
	}
	return device.awaitLink(linkPatience)
}

// Forget removes a journal that Left has found stale. What anybody may need yet stays
// with an error: of a run that has the device, which is a *BusyError; of a device that
// can be put back; of one in another network namespace, if its run or that namespace
// is there yet, or it can't be told that the run isn't; and of another machine's.
func (j Journal) Forget() (err error) {
	switch {
	case j.Running != nil:
		return j.Running
	case j.Stale == nil:
		return fmt.Errorf("nic: %s can be put back, with sendbench nic restore: its journal is kept for that", j.Device)
	case errors.Is(j.Stale, ErrOtherHost):
		return fmt.Errorf("nic: %s is not forgotten: %w; sendbench nic restore there puts it back, or remove %q", j.Device, j.Stale, j.Path)
	case errors.Is(j.Stale, ErrGone):
		// Another device may have its index, and a run that: their journals have one name.
		lock, lockErr := takeLock(j.Device, j.Index)
		if lockErr != nil {
			return lockErr
		}
		defer func() { err = errors.Join(err, lock.release()) }()
	}
	now, err := readJournal(j.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if now.run() != j.run() {
		return fmt.Errorf("nic: the journal of %s is another run's by now: look again", j.Device)
	}
	if errors.Is(j.Stale, ErrElsewhere) {
		if err := now.abandoned(); err != nil {
			return err
		}
	}
	return now.remove()
}

// abandoned returns an error unless the run and the network namespace of a journal from
// elsewhere are no more, as far as the caller may see.
func (j *Journal) abandoned() error {
	alive, err := j.run().lives()
	switch {
	case err != nil:
		return fmt.Errorf("nic: whether process %d, which changed %s, has ended can't be told from here: %w; forget it there, or remove %q", j.PID, j.Device, err, j.Path)
	case alive:
		return fmt.Errorf("nic: process %d, which changed %s, has not ended: wait until it has", j.PID, j.Device)
	}
	if file := namespaceFile(j.Namespace, j.Cookie); file != "" {
		return fmt.Errorf("nic: %s is not forgotten, since its network namespace, %s, is there yet: nsenter --net=%s sendbench nic restore puts it back", j.Device, j.Namespace, file)
	}
	return nil
}
