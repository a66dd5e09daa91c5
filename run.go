//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"sendbench/report/live"
	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/nic"
	"sendbench/runner/results"
	"sendbench/strategies"
)

func isWorker() bool { return runner.IsWorker() }

func serveWorker() int { return runner.Serve() }

// runFlags are run's flags as they stand on the command line.
type runFlags struct {
	sweep     sweepFlags
	remote    remoteFlags
	rounds    int
	precision string
	trial     time.Duration
	warmup    time.Duration
	budget    time.Duration
	seed      uint64
	out       string
	resume    bool
	quiet     bool
	serve     string
}

func runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Measure a sweep, write its record and print a summary",
		Long: `Measure a sweep, write its record and print a summary.

Without flags it is the default sweep on the sink link. An axis that is named is
crossed with all others; sizes and footprints take k, M and G, powers of 1024.

Ways of sending:
` + ways(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("run takes no argument, %q is one; what to measure is said with flags", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.sweep.add(flags)
	f.remote.add(flags)
	flags.IntVar(&f.rounds, "rounds", 0, fmt.Sprintf("`NUMBER` of rounds of each cell (default %d, or more where many comparisons take it)", runner.MinRounds))
	flags.StringVar(&f.precision, "precision", "", "go on until every ratio is known to ±`WIDTH`, such as 3%, or the budget is spent; instead of --rounds, and not at a set --rate")
	flags.DurationVar(&f.trial, "trial", 0, "`TIME` that a trial lasts (default 25ms, or shorter to fit the budget)")
	flags.DurationVar(&f.warmup, "warmup", runner.DefaultWarmup, "`TIME` of sending before each trial that isn't counted")
	flags.DurationVar(&f.budget, "budget", 120*time.Second, "most `TIME` to measure for")
	flags.Uint64Var(&f.seed, "seed", 0, "`SEED` of the order of everything (default: a new one, recorded)")
	flags.StringVar(&f.out, "out", "out/results.jsonl", "`FILE` of the record")
	flags.BoolVar(&f.resume, "resume", false, "go on with the interrupted run in --out, as it was planned")
	flags.BoolVar(&f.quiet, "quiet", false, "no progress and no summary")
	flags.StringVar(&f.serve, "serve", "", "serve the run's page at a loopback `HOST:PORT` while it goes on, such as 127.0.0.1:0; drawing it takes CPU time beside what is measured")
	return cmd
}

// ways lists the strategies, a line each.
func ways() string {
	var b strings.Builder
	for _, s := range strategies.All() {
		fmt.Fprintf(&b, "  %-20s %s\n", s.Name, s.Way)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (f *runFlags) run(cmd *cobra.Command) error {
	options, err := f.options(cmd)
	if err != nil {
		return usageError{err}
	}
	senders, budget := slices.Max(append(options.Sweep.Flows, 1)), options.Budget
	if f.resume {
		// What was asked for is in the record, the link included.
		rec, err := f.salvage()
		if err != nil {
			return err
		}
		if runner.Finished(rec) {
			fmt.Fprintf(os.Stderr, "sendbench: %s is complete, there is nothing to go on with\n", f.out)
			return nil
		}
		options.Sweep.Link = rec.Run.Environment.Link.Name
		options.FellBack = rec.Run.Environment.Link.FellBack
		budget = time.Duration(rec.Run.Plan.BudgetNS)
		for _, c := range rec.Run.Plan.Cells {
			senders = max(senders, c.Flows)
		}
		if err := f.remote.again(rec.Run.Environment.Link); err != nil {
			return fmt.Errorf("%s: %w", f.out, err)
		}
	}
	if options.Remote, err = f.remote.remote(cmd.Flags(), options.Sweep.Link); err != nil {
		return usageError{err}
	}
	if !link.Inside() {
		check := runner.CheckOutput
		if f.resume {
			check = runner.CheckResume
		}
		if err := check(f.out); err != nil {
			return err
		}
		endPage, err := f.startPage(senders)
		if err != nil {
			return err
		}
		defer endPage()
	}
	// A device of this machine is in the namespace that the run is started in.
	if !link.Inside() && options.FellBack == "" && options.Sweep.Link != link.NIC {
		code, err := link.Isolate()
		if err == nil {
			return ended(code)
		}
		var forbidden *link.NamespaceError
		if !errors.As(err, &forbidden) {
			return err
		}
		if options.Sweep.Link == link.Pair || f.resume && options.Sweep.Link == link.Sink {
			return fmt.Errorf("the %s link needs a network namespace of its own: %s", options.Sweep.Link, oneLine(forbidden))
		}
		if options.Sweep.Link != link.Loopback {
			options.FellBack = oneLine(forbidden)
			options.Sweep.Link = link.Loopback
			fmt.Fprintln(os.Stderr, "sendbench: measuring on loopback, where the kernel copies everything, since there is no sink:", options.FellBack)
		}
	}
	signals := endings()
	if options.Sweep.Link == link.NIC {
		signals = restoring()
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	progress := newProgress(f.quiet, budget)
	options.Progress = progress.show
	options.Remark = func(line string) { fmt.Fprintln(os.Stderr, "sendbench:", oneLine(errors.New(line))) }
	if f.resume {
		err = runner.Resume(ctx, options)
	} else {
		err = runner.Run(ctx, options)
	}
	progress.end()
	return f.finish(ctx, err)
}

// endings are the signals that ask to end the run, less those that whoever
// started it has it ignore, as nohup(1) does.
func endings() []os.Signal {
	return slices.DeleteFunc([]os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
}

// restoring are the endings of a run that has a device to put back: SIGQUIT is one,
// too, and a pipe that nobody reads any more is none (see package os/signal).
func restoring() []os.Signal {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return append(endings(), syscall.SIGQUIT)
}

// ended passes on how the process in the namespace ended, which has said why,
// unless a signal ended it before it could.
func ended(code int) error {
	const bySignal = 128 // and its number
	switch {
	case code == 0:
		return nil
	case code > bySignal && code != exitInterrupted:
		return fmt.Errorf("the process that measures was ended by a signal (%v)", syscall.Signal(code-bySignal))
	}
	return exitCode(code)
}

// salvage reads the record that is to be gone on with.
func (f *runFlags) salvage() (*results.Record, error) {
	rec, err := runner.Salvage(f.out)
	if err != nil {
		return nil, recordError(f.out, err)
	}
	return rec, nil
}

// finish says how the run ended and prints its summary. A device that isn't as it was
// is said first, and makes it a failure whatever else there is.
func (f *runFlags) finish(ctx context.Context, err error) error {
	unrestored := (*link.UnrestoredError)(nil)
	if !errors.As(err, &unrestored) {
		return f.tell(ctx, err)
	}
	fmt.Fprintln(os.Stderr, "sendbench:", oneLine(unrestored))
	if err != unrestored { // there is more
		_ = f.tell(ctx, err)
	}
	return exitCode(exitFailed)
}

// tell says how the run ended beside that.
func (f *runFlags) tell(ctx context.Context, err error) error {
	var (
		gone      *link.GoneError
		usage     *runner.UsageError
		setting   *nic.SettingError
		imprecise *runner.ImpreciseError
	)
	switch {
	case err != nil && ctx.Err() != nil:
		if errors.Is(err, runner.ErrNotBegun) {
			fmt.Fprintln(os.Stderr, "sendbench: interrupted before the first trial, no record was written")
		} else {
			fmt.Fprintf(os.Stderr, "sendbench: interrupted; %s goes on\n", f.resumption())
		}
		return exitCode(exitInterrupted)
	case errors.As(err, &gone) && !errors.Is(err, runner.ErrNotBegun):
		fmt.Fprintf(os.Stderr, "sendbench: %s; %s goes on\n", oneLine(gone), f.resumption())
		return exitCode(exitFailed)
	case errors.Is(err, runner.ErrBudget):
		fmt.Fprintf(os.Stderr, "sendbench: %v; %s goes on\n", err, f.resumption())
	case errors.As(err, &imprecise):
		fmt.Fprintf(os.Stderr, "sendbench: %v\n", err)
	case errors.As(err, &usage):
		return usageError{err}
	case errors.As(err, &setting):
		return fmt.Errorf("--nic %s: %s%s", setting.Setting, setting.Reason, because(setting.Err))
	case err != nil:
		return err
	}
	if f.quiet {
		return nil
	}
	rec, err := results.ReadFile(f.out)
	if err != nil {
		return err
	}
	if err := printSummary(rec); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "sendbench: the record is %s; sendbench report %s draws it\n", f.out, f.out)
	return nil
}

// resumption is the command that goes on with this run: what isn't in its record is said
// again.
func (f *runFlags) resumption() string {
	words := []string{"sendbench run --resume"}
	if f.remote.secretFile != "" {
		words = append(words, "--secret-file "+f.remote.secretFile)
	}
	if f.remote.force {
		words = append(words, "--force")
	}
	return strings.Join(append(words, "--out "+f.out), " ")
}

// because is the kernel's own word, where there is one.
func because(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf(" (%v)", err)
}

// options checks what the flags say.
func (f *runFlags) options(cmd *cobra.Command) (runner.Options, error) {
	o := runner.Options{
		Rounds: f.rounds, Trial: f.trial, Warmup: f.warmup, Budget: f.budget, Seed: f.seed, Out: f.out, Commit: commit,
	}
	if f.serve != "" {
		if _, err := live.ParseAddress(f.serve); err != nil {
			return o, fmt.Errorf("--serve: %w", err)
		}
		o.Warnings = []string{watchedWarning}
	}
	if f.resume {
		for _, name := range append(f.sweep.names(), "rounds", "precision", "trial", "warmup", "budget", "seed") {
			if cmd.Flags().Changed(name) {
				return o, fmt.Errorf("--%s with --resume: a resumed run is as its record planned it; leave one of them out", name)
			}
		}
		return o, nil
	}
	switch {
	case cmd.Flags().Changed("precision") && cmd.Flags().Changed("rounds"):
		return o, fmt.Errorf("--precision %s with --rounds %d: one asks for as many rounds as it takes, the other for so many; leave one of them out", f.precision, f.rounds)
	case cmd.Flags().Changed("precision") && cmd.Flags().Changed("rate"):
		return o, fmt.Errorf("--precision %s with --rate: a precision is that of ratios of throughput, which are 1 where all send at a set rate; say --rounds instead of --precision", f.precision)
	case cmd.Flags().Changed("rounds") && (f.rounds < 1 || f.rounds > 10000):
		return o, fmt.Errorf("--rounds %d: it takes a number from 1 to 10000", f.rounds)
	case cmd.Flags().Changed("trial") && (f.trial < time.Millisecond || f.trial > time.Minute):
		return o, fmt.Errorf("--trial %v: it takes a time from 1ms to 1m", f.trial)
	case f.warmup < 0 || f.warmup > time.Minute:
		return o, fmt.Errorf("--warmup %v: it takes a time up to 1m", f.warmup)
	case f.budget <= 0:
		return o, fmt.Errorf("--budget %v: it takes a time, such as 120s", f.budget)
	case f.out == "":
		return o, fmt.Errorf("--out: it takes the name of a file")
	}
	if !cmd.Flags().Changed("seed") {
		o.Seed = rand.Uint64()
	}
	var err error
	if cmd.Flags().Changed("precision") {
		if o.Precision, err = parsePrecision(f.precision); err != nil {
			return o, err
		}
	}
	o.Sweep, err = f.sweep.sweep(cmd.Flags())
	return o, err
}
