//go:build linux

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"
	"sendbench/runner"
	"sendbench/runner/results"
)

// loss is what takes a run's receiver away in the middle, from outside.
type loss struct {
	name string
	do   func(far *host, r *receiver)
	mend func(far *host, r *receiver)
	says string
	tcp  bool // also while TCP is sent
}

var waysToLose = []loss{
	{
		name: "killed",
		do:   func(far *host, r *receiver) { r.kill(far.t) },
		mend: func(far *host, r *receiver) { *r = *far.receive(r.at, r.secret) },
		says: "the receiver at 10.1.0.2:7001 is gone: ",
	},
	{
		name: "stalled",
		tcp:  true,
		do:   func(far *host, r *receiver) { far.must(r.cmd.Process.Signal(unix.SIGSTOP)) },
		mend: func(far *host, r *receiver) { far.must(r.cmd.Process.Signal(unix.SIGCONT)) },
		says: "the receiver at 10.1.0.2:7001 is gone: it has been silent for 800ms",
	},
	{
		name: "control line cut",
		tcp:  true,
		do:   func(far *host, _ *receiver) { far.drop(nftables.ChainHookInput, protocol(unix.IPPROTO_TCP)...) },
		mend: func(far *host, _ *receiver) { far.mend() },
		says: "the receiver at 10.1.0.2:7001 is gone: ",
	},
	{
		name: "cable unplugged",
		do:   func(far *host, _ *receiver) { far.must(far.handle.LinkSetDown(far.device("eth2"))) },
		mend: func(far *host, _ *receiver) { far.must(far.handle.LinkSetUp(far.device("eth2"))) },
		says: "the receiver at 10.1.0.2:7001 is gone: ",
	},
}

// TestReceiverLost: when the receiver is gone in the middle of a trial, sending stops, the
// record says so, and the run goes on when there is a receiver again. It is waited for
// most of the time, so all go on at once, each on a near host of its own, at a rate that
// leaves time for the others.
func TestReceiverLost(t *testing.T) {
	for _, loss := range waysToLose {
		lose := func(name, what string) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if onNearHost(t) {
					loss.test(t, what+" --max-rate 2G")
				}
			})
		}
		lose(loss.name, "--size 64000 --strategy write --nic tx-udp-segmentation=off")
		if loss.tcp && !testing.Short() {
			lose(loss.name+" over TCP", "--proto tcp --size 65536 --strategy uring-sendzc --nic tx-tcp-segmentation=off")
		}
	}
}

func (loss loss) test(t *testing.T, what string) {
	near, far, r := twoHosts(t)
	was := state(t, "eth1")
	// A trial is longer than it takes to notice.
	cmd := send(t, r, strings.Fields("--to "+r.at+" --rounds 1 --trial 1200ms "+what)...)
	stdout, stderr := capture(cmd)
	near.start(cmd)
	inTrial(t, near, cmd.Dir, 0)
	loss.do(far, r)
	last := sentUntilEnd(t, near, cmd)
	t.Logf("the last data left %v after it", last.Round(time.Millisecond))
	if last > 5*time.Second { // a second, on a machine that has time for it
		t.Errorf("data left until %v after the receiver was lost", last)
	}
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(stderr.String(), loss.says) || stdout.Len() != 0 ||
		!strings.HasSuffix(stderr.String(), "; sendbench run --resume --secret-file "+r.secret+" --out r.jsonl goes on\n") || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("exit code %d, says %q; want %d and one line with %q and how to go on", code, stderr, exitFailed, loss.says)
	}
	asBefore(t, was)
	cut, err := runner.Salvage(cmd.Dir + "/r.jsonl")
	if err != nil || cut.End == nil || cut.End.Status != results.StatusInterrupted || !strings.Contains(cut.End.Reason, loss.says) {
		t.Fatalf("the record ends with %+v (%v)", cut.End, err)
	}
	for _, trial := range cut.Trials {
		if trial.Error != "" {
			t.Errorf("the record has a trial that was cut: %s", trial.Error)
		}
	}
	loss.mend(far, r)
	goOn(t, cmd, r)
	rec := readRun(t, cmd)
	everyRoundOnce(t, rec)
	if !strings.Contains(what, "tcp") {
		accounted(t, rec)
	}
	asBefore(t, was)
}

// inTrial waits until a run is in the middle of a trial of megabytes, after so many.
func inTrial(t *testing.T, near *host, dir string, after int) {
	t.Helper()
	poll(t, "trials before", func() bool {
		content, err := os.ReadFile(dir + "/r.jsonl")
		return err == nil && strings.Count(string(content), `{"record":"trial"`) >= after
	})
	sent := near.sent()
	poll(t, "trial under way", func() bool { return near.sent() > sent+16<<20 })
}

// sent is how many bytes have left the host by eth1.
func (h *host) sent() uint64 {
	h.t.Helper()
	return h.device("eth1").Attrs().Statistics.TxBytes
}

// goOn resumes a run. The receiver may have to notice first that the former session is
// at its end.
func goOn(t *testing.T, cut *exec.Cmd, r *receiver) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		cmd := sendbench(t, "run", "--resume", "--quiet", "--secret-file", r.secret, "--out", "r.jsonl")
		cmd.Dir, cmd.Env = cut.Dir, cut.Env
		out, err := cmd.CombinedOutput()
		switch {
		case err == nil && len(out) == 0:
			return
		case !strings.Contains(string(out), "it is busy") || time.Now().After(deadline):
			t.Fatalf("--resume: %v: %s", err, out)
		}
	}
}

// sentUntilEnd watches the near host's device until a run has ended, and for a while
// after, and returns when the last data left it, from now on. What a control connection
// sends is none: it is short.
func sentUntilEnd(t *testing.T, near *host, cmd *exec.Cmd) (last time.Duration) {
	t.Helper()
	begun := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	over := false
	for before := near.sent(); !over || time.Since(begun) < 1500*time.Millisecond; {
		select {
		case <-ended:
			over = true
		case <-timeout.C:
			t.Fatalf("the run goes on %v after its receiver was lost", patience)
		case <-tick.C:
			now := near.sent()
			if now-before >= 1000 {
				last = time.Since(begun)
			}
			before = now
		}
	}
	return last
}
