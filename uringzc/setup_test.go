//go:build linux

package uringzc

import (
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// without is io_uring_setup on a kernel that doesn't know some flags.
func without(lacks SetupFlags) setupFunc {
	return func(entries uint32, p *setupParams) (int, unix.Errno) {
		if p.flags&lacks != 0 {
			return -1, unix.EINVAL
		}
		return ioUringSetup(entries, p)
	}
}

// TestFlagFallback steps down through the sets of flags, each on a real ring
// that must then send.
func TestFlagFallback(t *testing.T) {
	for _, tt := range []struct {
		name   string
		sqPoll bool
		lacks  SetupFlags
		want   SetupFlags
	}{
		{"6.6", false, 0, SetupNoSQArray | SetupDeferTaskrun | SetupSingleIssuer | SetupTaskrunFlag | SetupSubmitAll},
		{"6.1", false, SetupNoSQArray, SetupDeferTaskrun | SetupSingleIssuer | SetupTaskrunFlag | SetupSubmitAll},
		{"6.0", false, SetupDeferTaskrun, SetupSingleIssuer | SetupCoopTaskrun | SetupTaskrunFlag | SetupSubmitAll},
		{"5.19", false, SetupSingleIssuer, SetupCoopTaskrun | SetupTaskrunFlag | SetupSubmitAll},
		{"5.18", false, SetupSingleIssuer | SetupTaskrunFlag, SetupSubmitAll},
		{"5.11", false, SetupSingleIssuer | SetupTaskrunFlag | SetupSubmitAll, 0},
		{"polled 6.6", true, 0, SetupNoSQArray | SetupSingleIssuer | SetupSubmitAll},
		{"polled 6.0", true, SetupNoSQArray, SetupSingleIssuer | SetupSubmitAll},
		{"polled 5.18", true, SetupSingleIssuer, SetupSubmitAll},
		{"polled 5.11", true, SetupSingleIssuer | SetupSubmitAll, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runtime.LockOSThread()
			want := tt.want | SetupCQSize
			if tt.sqPoll {
				want |= SetupSQPoll
			}
			r, err := open(Options{Entries: 8, SQPoll: tt.sqPoll, SQPollCPU: -1}, without(tt.lacks))
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if lacks := want &^ r.Flags(); lacks != 0 && !grants(want) {
				t.Skipf("this kernel doesn't grant %v", lacks)
			}
			if r.Flags() != want {
				t.Fatalf("granted %v, want %v", r.Flags(), want)
			}
			// More than a queue's worth, so that the index array is walked round.
			receiver, fd := udpPair(t)
			for i := range uint64(20) {
				if _, err := r.PrepareSend(Descriptor(fd), Bytes([]byte{byte(i)}), 0, i); err != nil {
					t.Fatal(err)
				}
				c := take(t, r, 1)[0]
				if c.UserData != i || c.Err() != nil || c.Res != 1 || c.More() {
					t.Fatalf("send %d: %+v", i, c)
				}
				if got := receive(t, receiver); got != string([]byte{byte(i)}) {
					t.Fatalf("send %d: received %q", i, got)
				}
			}
		})
	}
}

// grants asks the kernel itself for a ring with flags.
func grants(flags SetupFlags) bool {
	fd, errno := ioUringSetup(8, &setupParams{flags: flags, cqEntries: 16})
	if errno == 0 {
		unix.Close(fd)
	}
	return errno != unix.EINVAL
}

func TestSetupErrorEndsNegotiation(t *testing.T) {
	calls := 0
	_, err := open(Options{Entries: 8}, func(uint32, *setupParams) (int, unix.Errno) {
		calls++
		return -1, unix.EMFILE
	})
	if calls != 1 || !errors.Is(err, unix.EMFILE) || errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%d calls, error %v; want 1 call and EMFILE", calls, err)
	}
}

func TestOldFeatures(t *testing.T) {
	runtime.LockOSThread()
	_, err := open(Options{Entries: 8}, func(entries uint32, p *setupParams) (int, unix.Errno) {
		fd, errno := ioUringSetup(entries, p)
		p.features &^= FeatureExtArg
		return fd, errno
	})
	var unsupported *UnsupportedError
	if errors.As(err, &unsupported) && unsupported.Err != nil {
		t.Skip(err) // the kernel refused the ring itself
	}
	if unsupported == nil || unsupported.Since != "5.11" {
		t.Errorf("without EXT_ARG: %v; want an UnsupportedError since 5.11", err)
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		name string
		opt  Options
		want string // in the error
	}{
		{"no entries", Options{}, "Entries 0: want 1 to 32768"},
		{"too many entries", Options{Entries: 32769}, "Entries 32769: want 1 to 32768"},
		{"short completion queue", Options{Entries: 8, CQEntries: 4}, "CQEntries 4: want 8"},
		{"long completion queue", Options{Entries: 8, CQEntries: 65537}, "CQEntries 65537: want 8"},
		{"negative idle", Options{Entries: 8, SQPoll: true, SQPollIdle: -time.Hour}, "SQPollIdle -1h0m0s: want 0"},
		{"endless idle", Options{Entries: 8, SQPoll: true, SQPollIdle: math.MaxInt64}, "SQPollIdle"},
		{"no such CPU", Options{Entries: 8, SQPoll: true, SQPollCPU: 1 << 20}, "SQPollCPU 1048576: want a CPU that is online"},
		{"no CPU's number", Options{Entries: 8, SQPoll: true, SQPollCPU: math.MaxInt32 + 1}, "SQPollCPU 2147483648: want a CPU's number"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Open(tt.opt)
			if err == nil {
				r.Close()
				t.Fatal("opened")
			}
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q; want one line with %q", err, tt.want)
			}
		})
	}
}

func TestQueueSizes(t *testing.T) {
	for _, tt := range []struct {
		opt    Options
		sq, cq int
	}{
		{Options{Entries: 1}, 1, 4},
		{Options{Entries: 100}, 128, 512},
		{Options{Entries: 100, CQEntries: 200}, 128, 256},
	} {
		r := openRing(t, tt.opt)
		if r.Entries() != tt.sq || r.CQEntries() != tt.cq {
			t.Errorf("%+v: %d and %d entries, want %d and %d", tt.opt, r.Entries(), r.CQEntries(), tt.sq, tt.cq)
		}
	}
}

func TestFlagNames(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{SetupFlags(0).String(), ""},
		{(SetupSQPoll | SetupNoSQArray).String(), "SQPOLL|NO_SQARRAY"},
		{(FeatureSingleMmap | FeatureExtArg | 1<<31).String(), "SINGLE_MMAP|EXT_ARG|1<<31"},
		{OpSendMsgZC.String(), "IORING_OP_SENDMSG_ZC"},
		{Op(200).String(), "io_uring operation 200"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// TestCooperativeInsteadOfDeferred: a ring that isn't to defer its work isn't to be
// interrupted for it either.
func TestCooperativeInsteadOfDeferred(t *testing.T) {
	if openRing(t, Options{Entries: 1}).Flags()&SetupDeferTaskrun == 0 {
		t.Skip("this kernel has no DEFER_TASKRUN to leave away")
	}
	for _, without := range []SetupFlags{SetupDeferTaskrun, SetupSingleIssuer} {
		if got := openRing(t, Options{Entries: 1, Without: without}).Flags(); got&without != 0 || got&SetupCoopTaskrun == 0 || got&SetupTaskrunFlag == 0 {
			t.Errorf("without %v: %v; want COOP_TASKRUN and TASKRUN_FLAG", without, got)
		}
	}
	if got := openRing(t, Options{Entries: 1, Without: SetupDeferTaskrun | SetupCoopTaskrun}).Flags(); got&(SetupCoopTaskrun|SetupTaskrunFlag) != 0 {
		t.Errorf("without either: %v", got)
	}
}
