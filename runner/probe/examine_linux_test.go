package probe

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
	"sendbench/strategies"
)

func examine(t *testing.T, kind string, family int) *Report {
	t.Helper()
	s, err := Look("", family)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Examine(t.Context(), s, kind, family, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// zeroCopyTries are those of the ways that ask for zero copy and could send. Where
// io_uring or a part of it isn't to be had, a way that isn't supported proves nothing, nor
// does one that locked memory stands in the way of: the account is kept over all of a
// user's programs.
func zeroCopyTries(t *testing.T, tries []Try) []Try {
	t.Helper()
	var found []Try
	whole := find(uringFeatures(), "IORING_OP_SENDMSG_ZC").State == Yes // the last to come
	for _, try := range tries {
		switch {
		case try.Outcome == Sent:
		case try.Outcome == Unsupported && (!whole || strings.Contains(try.Reason, "RLIMIT_MEMLOCK")):
			t.Log(try.Strategy, try.Reason)
		default:
			found = append(found, try)
		}
	}
	if len(tries) > 0 && found == nil {
		t.Error("no way of zero copy could send")
	}
	return found
}

// TestExamine makes each link and holds what becomes of sends over it to what the
// kernel's source says of them.
func TestExamine(t *testing.T) {
	linktest.Need(t)
	for _, kind := range []string{link.Sink, link.Pair, link.Loopback} {
		for _, family := range []int{4, 6} {
			t.Run(kind+map[int]string{4: "/IPv4", 6: "/IPv6"}[family], func(t *testing.T) {
				r := examine(t, kind, family)
				if want := 2 * len(Sizes) * len(strategies.All()); len(r.Link.Tries) != want {
					t.Errorf("%d tries, want %d", len(r.Link.Tries), want)
				}
				for _, try := range zeroCopyTries(t, r.Link.Tries) {
					cause := ""
					if try.Copy != nil {
						cause = try.Copy.Cause
					}
					want := ""
					switch {
					case kind != link.Sink:
						want = link.CauseReceiver
					case try.SegmentBytes == 0 && try.SizeBytes > r.Link.AutoSegment:
						want = link.CauseFragments
					}
					if cause != want || (try.Outcome == Copied) != (want != "") {
						t.Errorf("%+v, copied because of %q; want %q", try, cause, want)
					}
				}
				want := 0
				if kind != link.Sink {
					want = len(Sizes) * len(strategies.All())
				}
				if len(r.Link.TCPTries) != want {
					t.Errorf("%d tries over TCP, want %d", len(r.Link.TCPTries), want)
				}
				for _, try := range zeroCopyTries(t, r.Link.TCPTries) {
					if try.Outcome != Copied || try.Copy.Cause != link.CauseReceiver || try.SegmentBytes != 0 {
						t.Errorf("over TCP %+v (%+v), want it copied for the receiver", try, try.Copy)
					}
				}
				if v := r.Link.Verdict; v.ZeroCopy == Yes != (kind == link.Sink) || !v.Seen || v.Line != r.Verdict {
					t.Errorf("verdict %+v, the report's is %q", v, r.Verdict)
				}
			})
		}
	}
}

// TestFeaturesHere: what the machine has is there by name, each once, with a reason
// where it isn't.
func TestFeaturesHere(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range append(uringFeatures(), socketFeatures()...) {
		if seen[f.Name] || f.Name == "" {
			t.Errorf("%q is there twice", f.Name)
		}
		seen[f.Name] = true
		if (f.State == Yes) != (f.Why == "") || strings.Contains(f.Why, "\n") {
			t.Errorf("%+v: want a line that says why it isn't there", f)
		}
		if f.State == Unknown {
			t.Errorf("%+v: couldn't be tried", f)
		}
	}
	for _, name := range []string{"io_uring", "IORING_OP_SEND_ZC", "IORING_SEND_ZC_REPORT_USAGE", "IORING_SETUP_SQPOLL",
		"IORING_SETUP_COOP_TASKRUN", "MSG_ZEROCOPY for TCP", "UDP_SEGMENT of 128 segments", "UDP_GRO"} {
		if !seen[name] {
			t.Errorf("%s isn't told of", name)
		}
	}
	// CONFIG_MAX_SKB_FRAGS is 17 to 45 (net/Kconfig).
	if most := piecesMax(); most != 0 && (most < 17 || most > 45) {
		t.Errorf("a message in up to %d pieces, want 17 to 45", most)
	}
}

// TestRoundTrip: nothing of a report is lost in JSON.
func TestRoundTrip(t *testing.T) {
	s, err := Look("lo", 4)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Examine(t.Context(), s, link.Loopback, 4, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	in := json.NewDecoder(bytes.NewReader(b))
	in.DisallowUnknownFields()
	if err := in.Decode(&back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*r, back); diff != "" {
		t.Error(diff)
	}
}

// TestTap: a tap that sees what is sent has every size copied, and is told of with
// this program's name.
func TestTap(t *testing.T) {
	linktest.Need(t)
	openTap(t)
	r := examine(t, link.Sink, 4)
	for _, try := range zeroCopyTries(t, r.Link.Tries) {
		if try.Outcome != Copied || try.Copy.Cause != link.CauseTap || !strings.Contains(try.Copy.What, "held by "+ownHolder(t)) {
			t.Errorf("%+v (%+v), want it copied for a tap of %s", try, try.Copy, ownHolder(t))
		}
	}
	if r.Link.Verdict.ZeroCopy != No || !strings.Contains(r.Verdict, "packet tap") {
		t.Errorf("verdict %q", r.Verdict)
	}
}

func openTap(t *testing.T) {
	t.Helper()
	const allProtocols = 0x0300 // ETH_P_ALL in network byte order, packet(7)
	tap, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, allProtocols)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(tap) })
}

// ownHolder is this program as one that holds a tap.
func ownHolder(t *testing.T) string {
	t.Helper()
	name, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	return link.Holder{Program: strings.TrimSpace(string(name)), PID: os.Getpid()}.String()
}

// TestCancelled: a probe that is to end tries nothing more, and says so.
func TestCancelled(t *testing.T) {
	l, err := link.Open(link.Loopback, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	found, err := tryLink(ctx, l)
	if err != nil {
		t.Fatal(err)
	}
	for _, try := range slices.Concat(found.Tries, found.TCPTries) {
		if try.Outcome != Failed || !strings.Contains(try.Reason, context.Canceled.Error()) {
			t.Fatalf("%+v, want it not tried", try)
		}
	}
	if found.Verdict.ZeroCopy != Unknown {
		t.Errorf("verdict %+v of nothing", found.Verdict)
	}
}

// TestWithoutRings: where a filter refuses io_uring, as in containers, its features
// and strategies are unsupported with that reason, and the rest is tried.
func TestWithoutRings(t *testing.T) {
	if ring := find(uringFeatures(), "io_uring"); ring.State != Yes {
		t.Skip("nothing is left to refuse:", ring.Why)
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), roleEnv+"=without-rings", "GORACE=atexit_sleep_ms=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	if len(out) == 0 {
		t.Skip("this process may not have a seccomp filter")
	}
	var r Report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	if r.Limits.SeccompMode != 2 {
		t.Errorf("seccomp mode %d, want 2", r.Limits.SeccompMode)
	}
	sockets := socketFeatures()
	for _, f := range r.Features {
		want := find(sockets, f.Name).State
		if f.Name == "io_uring" || strings.HasPrefix(f.Name, "IORING_") {
			want = No
		}
		if f.State != want || f.Name == "io_uring" && !strings.Contains(f.Why, "seccomp") {
			t.Errorf("%+v, want %s", f, want)
		}
	}
	for _, try := range slices.Concat(r.Link.Tries, r.Link.TCPTries) {
		ring := strings.HasPrefix(try.Strategy, "uring-")
		if ring != (try.Outcome == Unsupported) || ring && !strings.Contains(try.Reason, "seccomp") {
			t.Errorf("%+v", try)
		}
	}
	if v := r.Link.Verdict; v.ZeroCopy != No || !strings.HasPrefix(v.Line, "would be copied: the link loopback") {
		t.Errorf("verdict %+v; MSG_ZEROCOPY is there still", v)
	}
}

// examineWithoutRings puts the process under a filter and prints a report, or
// nothing where it may have no filter.
func examineWithoutRings() error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // seccomp_data.nr
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.SYS_IO_URING_SETUP},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread() // the second call wants what the first sets, and hands on both
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return nil
	}
	if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program))); errno != 0 {
		return nil
	}
	runtime.UnlockOSThread()
	s, err := Look("", 4)
	if err != nil {
		return err
	}
	r, err := Examine(context.Background(), s, link.Loopback, 4, nil)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}
