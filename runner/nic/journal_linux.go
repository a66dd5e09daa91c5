package nic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Journal is what is on disk of a device that a run changes: which device it is,
// and how it was. A file holds it from before the first change until all is put
// back.
type Journal struct {
	Schema    int       `json:"schema"` // journalSchema
	Device    string    `json:"device"` // its name when the run began
	Index     int       `json:"ifindex"`
	Address   string    `json:"permanent_address,omitempty"` // of hardware, where the device has one
	Kind      string    `json:"kind,omitempty"`              // as ip-link(8) has it, such as veth; "device" for hardware
	MAC       string    `json:"address,omitempty"`           // which can be changed, unlike Address
	Host      string    `json:"host,omitempty"`              // by its hostname(7)
	Boot      string    `json:"boot_id"`
	Cookie    uint64    `json:"netns_cookie"`
	Namespace string    `json:"netns,omitempty"`         // as lsns(8) shows it
	PID       int       `json:"pid"`                     // of the run, in its own PID namespace
	PIDSpace  uint64    `json:"pid_namespace,omitempty"` // the inode number of that
	Started   uint64    `json:"pid_started,omitempty"`   // the run, in clock ticks since the machine was
	Written   time.Time `json:"written"`
	Profile   string    `json:"profile"` // what was about to be applied then
	Before    State     `json:"before"`  // before the first change

	// Of a journal that Left has read:
	Path    string     `json:"-"`
	Running *BusyError `json:"-"` // who has the device now, nil where nobody is known to
	// Stale is why it can't be restored, nil if it can: errors.Is tells
	// ErrRestarted, ErrElsewhere and ErrGone apart.
	Stale error `json:"-"`
}

const (
	journalSchema = 1
	// journalLimit is in bytes; a device with a hundred queues of its own
	// qdiscs takes less than a tenth.
	journalLimit = 1 << 20
	// mostSettings bounds each list in a journal; kernels know some 70 features.
	mostSettings = 4096
)

const journalPrefix, journalSuffix = "nic-", ".json"

// journalName is the file of a device's journal. The name that the device has is
// not in it, since that can change, and kernels allow it almost every byte.
func journalName(boot string, cookie uint64, index int) string {
	return fmt.Sprintf("%s%s-%d-%d%s", journalPrefix, boot, cookie, index, journalSuffix)
}

// run is the process whose journal it is.
func (j *Journal) run() process { return process{j.PIDSpace, j.PID, j.Started} }

// write puts the journal on disk in one step: whenever it is interrupted there is
// the one before, or this one, whole. The directory must exist, and be owned.
func (j *Journal) write() error {
	text, err := json.MarshalIndent(j, "", "\t")
	if err != nil {
		return fmt.Errorf("nic: journal of %s: %w", j.Device, err)
	}
	if err = ownedDir(filepath.Dir(j.Path)); err == nil {
		err = writeDurably(j.Path, j.run(), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("nic: %s is not changed, since its journal can't be written: %w", j.Device, err)
	}
	return nil
}

// remove takes the journal away for good. It is no error that there is none.
func (j *Journal) remove() error {
	err := os.Remove(j.Path)
	if err == nil {
		err = syncDir(filepath.Dir(j.Path))
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("nic: the journal of %s stays: %w", j.Device, err)
	}
	return nil
}

// freshSuffix ends the name of a journal that is being written, after its own name and
// its writer.
const freshSuffix = ".new"

// writeDurably replaces a file's content so that it survives a crash. Two must
// not do so at once: here whoever has the device's lock does. dropFresh removes what
// stays of it where the writer is killed.
func writeDurably(path string, writer process, content []byte) (err error) {
	fresh := path + "." + writer.String() + freshSuffix
	file, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(fresh)
		}
	}()
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// dropFresh removes a file that was to become a journal, and will not, since its
// writer is dead.
func dropFresh(path, boot string) error {
	journal, writer, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), freshSuffix), ".json.")
	p, ok := parseProcess(writer)
	if !ok {
		return nil // not by writeDurably
	}
	if strings.HasPrefix(journal, journalPrefix+boot+"-") {
		if alive, err := p.lives(); alive || err != nil {
			return nil
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("nic: half of a journal stays: %w", err)
	}
	return nil
}

// syncDir has a directory's entries on disk.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// readJournal reads a journal that nobody but this user or root can have written. What
// is in it may be anything all the same.
func readJournal(path string) (Journal, error) {
	if err := ownedDir(filepath.Dir(path)); err != nil {
		return Journal{}, err
	}
	// A pipe there must not hold us up.
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return Journal{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Journal{}, err
	}
	if !info.Mode().IsRegular() {
		return Journal{}, fmt.Errorf("nic: %q has the name of a journal, and is no file: remove it", path)
	}
	if err := owned(path, info); err != nil {
		return Journal{}, err
	}
	text, err := io.ReadAll(io.LimitReader(file, journalLimit+1))
	if err != nil {
		return Journal{}, err
	}
	j, err := parseJournal(text)
	if err == nil && filepath.Base(path) != journalName(j.Boot, j.Cookie, j.Index) {
		err = errors.New("it is another device's than its file name says")
	}
	if err != nil {
		return Journal{}, fmt.Errorf("nic: journal %q is damaged, and can't be restored: %w; remove the file when the device is as it should be", path, err)
	}
	j.Path = path
	return j, nil
}

// parseJournal reads a journal's text and holds everything in it to what Lease
// writes.
func parseJournal(text []byte) (Journal, error) {
	if len(text) > journalLimit {
		return Journal{}, fmt.Errorf("more than %d bytes", journalLimit)
	}
	var j Journal
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&j); err != nil {
		return Journal{}, fmt.Errorf("not as JSON should be: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Journal{}, errors.New("something follows it")
	}
	if err := j.check(); err != nil {
		return Journal{}, err
	}
	return j, nil
}

func (j *Journal) check() error {
	_, profileErr := ParseProfile(j.Profile)
	switch {
	case j.Schema != journalSchema:
		return fmt.Errorf("schema %d: this program reads %d", j.Schema, journalSchema)
	case !isDeviceName(j.Device):
		return fmt.Errorf("device %q: no device has such a name", j.Device)
	case j.Index <= 0 || int64(j.Index) > 1<<31-1:
		return fmt.Errorf("ifindex %d: it is positive", j.Index)
	case !isBootID(j.Boot):
		return fmt.Errorf("boot id %q: it is a UUID", j.Boot)
	case len(j.Address) > 128 || len(j.MAC) > 128 || len(j.Kind) > 128 || len(j.Host) > 128 || len(j.Namespace) > 128 ||
		strings.ContainsFunc(j.Address+j.MAC+j.Kind+j.Host+j.Namespace, isControl):
		return errors.New("an address, kind, host or namespace that is none")
	case j.PID <= 0:
		return fmt.Errorf("pid %d: it is positive", j.PID)
	case profileErr != nil:
		return profileErr
	}
	return j.Before.check()
}

// check holds a state that was read from disk to what State can return.
func (s State) check() error {
	if len(s.Wanted) > mostSettings || len(s.Active) > mostSettings || len(s.Qdiscs) > mostSettings {
		return fmt.Errorf("more than %d settings", mostSettings)
	}
	for name := range s.Wanted {
		if _, ok := s.Active[name]; !ok {
			return fmt.Errorf("feature %q is wanted, and not said to be active or not", name)
		}
	}
	for name := range s.Active {
		// 32 bytes is ETH_GSTRING_LEN. The kernel has features that are no
		// words of a profile, if they can't be set.
		if _, ok := s.Wanted[name]; !ok || name == "" || len(name) > 32 || strings.ContainsFunc(name, isControl) {
			return fmt.Errorf("feature %q is none", name)
		}
	}
	for name, value := range s.Numbers {
		if numberedIndex(name) < 0 {
			return fmt.Errorf("setting %q is none that holds a number", name)
		}
		if value < 0 || value > 1<<32-1 {
			return fmt.Errorf("%s=%d: it is from 0 to 4294967295", name, value)
		}
	}
	for i, q := range s.Qdiscs {
		if !isQdiscKind(q.Kind) || q.Handle&0xffff != 0 || (i == 0) != (q.Parent == rootParent) || i > 0 && q.Handle == 0 {
			return fmt.Errorf("qdisc %q with handle %x below %x: there is none like that", q.Kind, q.Handle, q.Parent)
		}
		if q.Options != nil && !slices.Contains(exactQdiscs, q.Kind) {
			return fmt.Errorf("qdisc %s has options: they can't be put back", q.Kind)
		}
	}
	return nil
}

// isDeviceName is dev_valid_name of net/core/dev.c, less control characters,
// which could fool a terminal.
func isDeviceName(s string) bool {
	return s != "" && len(s) < unix.IFNAMSIZ && s != "." && s != ".." &&
		!strings.ContainsAny(s, "/: ") && !strings.ContainsFunc(s, isControl)
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }
