package probe

import (
	"errors"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"sendbench/uringzc"
)

// setupFlags are those that Open asks for without a polling thread, the oldest
// first, and the kernel release that has each.
var setupFlags = []struct {
	flag  uringzc.SetupFlags
	since string
}{
	{uringzc.SetupSubmitAll, "5.18"},
	{uringzc.SetupCoopTaskrun, "5.19"},
	{uringzc.SetupTaskrunFlag, "5.19"},
	{uringzc.SetupSingleIssuer, "6.0"},
	{uringzc.SetupDeferTaskrun, "6.1"},
	{uringzc.SetupNoSQArray, "6.6"},
}

// uringFeatures tries what the io_uring strategies need, without sending anything.
func uringFeatures() []Feature {
	runtime.LockOSThread() // which owns the rings
	defer runtime.UnlockOSThread()
	caps, err := uringzc.Probe()
	if err != nil {
		return noRing(lacking("io_uring", err))
	}
	found := []Feature{{Name: "io_uring", State: Yes}}
	for _, op := range sendOps {
		found = append(found, feature(op.String(), caps.Require(op)))
	}
	found = append(found,
		has(usageReports, caps.UsageReports, "6.2"), // which late releases of 6.1 have taken over
		feature(registerBuffers, tryRegisteredBuffer()),
		has(sendMsgFixed, caps.SendMsgZCFixed, "6.15"),
		has(registerRing, caps.RegisteredRing, "5.18"))
	granted := caps.Flags
	if flags, err := flagsWithout(uringzc.SetupDeferTaskrun); err == nil {
		granted |= flags // COOP_TASKRUN is what DEFER_TASKRUN takes the place of
	}
	for _, f := range setupFlags {
		found = append(found, has(setupName(f.flag), granted&f.flag != 0, f.since))
	}
	return append(found, feature(setupName(uringzc.SetupSQPoll), tryPollingThread()))
}

// sendOps are the operations that strategies send with.
var sendOps = []uringzc.Op{uringzc.OpSend, uringzc.OpSendZC, uringzc.OpSendMsgZC}

func setupName(flag uringzc.SetupFlags) string { return "IORING_SETUP_" + flag.String() }

// noRing are all the features where no ring can be opened.
func noRing(ring Feature) []Feature {
	found := []Feature{ring}
	add := func(name string) {
		found = append(found, Feature{Name: name, State: ring.State, Why: "without io_uring it can't be tried"})
	}
	for _, op := range sendOps {
		add(op.String())
	}
	for _, name := range []string{usageReports, registerBuffers, sendMsgFixed, registerRing} {
		add(name)
	}
	for _, f := range setupFlags {
		add(setupName(f.flag))
	}
	add(setupName(uringzc.SetupSQPoll))
	return found
}

// feature is there if trying it gave no error.
func feature(name string, err error) Feature {
	if err != nil {
		return lacking(name, err)
	}
	return Feature{Name: name, State: Yes}
}

// lacking tells what isn't there from what couldn't be tried.
func lacking(name string, err error) Feature {
	f := Feature{Name: name, State: Unknown, Why: plain(err)}
	if errors.Is(err, errors.ErrUnsupported) {
		f.State = No
	}
	if u := (*uringzc.UnsupportedError)(nil); errors.As(err, &u) && u.Since != "" && u.Reason == "" {
		f.Why = "it takes Linux " + u.Since + " or later" // the rest is in the name
	}
	return f
}

func has(name string, ok bool, since string) Feature {
	if ok {
		return Feature{Name: name, State: Yes}
	}
	return lacking(name, &uringzc.UnsupportedError{Feature: name, Since: since})
}

// tryRegisteredBuffer registers a page.
func tryRegisteredBuffer() (err error) {
	ring, err := uringzc.Open(uringzc.Options{Entries: 1, SQPollCPU: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ring.Close()) }()
	page, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	defer func() { err = errors.Join(err, os.NewSyscallError("munmap", unix.Munmap(page))) }()
	if err := ring.RegisterBuffers([][]byte{page}); err != nil {
		return err
	}
	return ring.UnregisterBuffers()
}

// flagsWithout are the flags that a ring is granted that may not have some.
func flagsWithout(not uringzc.SetupFlags) (uringzc.SetupFlags, error) {
	ring, err := uringzc.Open(uringzc.Options{Entries: 1, SQPollCPU: -1, Without: not})
	if err != nil {
		return 0, err
	}
	return ring.Flags(), ring.Close()
}

func tryPollingThread() error {
	ring, err := uringzc.Open(uringzc.Options{Entries: 1, SQPoll: true, SQPollCPU: -1})
	if err != nil {
		return err
	}
	return ring.Close()
}

// plain is an error in one line, without the name of the package that it is from.
func plain(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	for _, name := range []string{"link: ", "nic: ", "uringzc: "} {
		text = strings.TrimPrefix(text, name)
	}
	return text
}
