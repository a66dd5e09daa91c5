//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
	"sendbench/runner/link"
	"sendbench/runner/probe"
)

// probeFlags are probe's flags as they stand on the command line.
type probeFlags struct {
	link   string
	device string
	family int
	json   bool
}

// probeLinks are those that probe tries.
var probeLinks = []string{link.Sink, link.Pair, link.Loopback}

func probeCommand() *cobra.Command {
	var f probeFlags
	cmd := &cobra.Command{
		Use:   "probe",
		Short: "Tell what kernel, limits and device can do, and why a send would be copied",
		Long: `Tell what kernel, limits and device can do, and why a send would be copied.

What the kernel has is tried, on loopback. On the link, which is made for that in a
network namespace of its own and taken away again, each way sends a few messages of
some sizes, over TCP too where the link has a receiver. What is copied is told with
the reason, and with what to change.

With --device the first line is about that device. Its settings are read, nothing is
changed and nothing is sent to it, so what is said of it is presumed.

The exit code is 0 whatever is found.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("probe takes no argument, %q is one; a device is named with --device", args[0])}
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error {
			if err := f.check(); err != nil {
				return usageError{err}
			}
			return f.probe()
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.link, "link", link.Sink, "`LINK` to try: sink, pair or loopback")
	flags.StringVar(&f.device, "device", "", "`NAME` of a network device to look at")
	flags.IntVar(&f.family, "family", 4, "IP `VERSION`: 4 or 6")
	flags.BoolVar(&f.json, "json", false, "print everything as JSON")
	return cmd
}

func (f *probeFlags) check() error {
	switch {
	case !slices.Contains(probeLinks, f.link):
		return fmt.Errorf("--link %s: it is sink, pair or loopback; for a device say --device", f.link)
	case f.family != 4 && f.family != 6:
		return fmt.Errorf("--family %d: it is 4 or 6", f.family)
	}
	return nil
}

// probe looks around where the command was started, and goes on in a namespace of
// its own where the machine allows one.
func (f *probeFlags) probe() error {
	surroundings, carried, err := carriedSurroundings()
	if err != nil {
		return err
	}
	if !carried {
		surroundings, err = probe.Look(f.device, f.family)
		if errors.Is(err, unix.ENODEV) {
			return usageError{fmt.Errorf("--device %s: %s", f.device, oneLine(err))}
		}
		if err != nil {
			return err
		}
	}
	var refusal *link.NamespaceError
	if !link.Inside() {
		if err := carry(surroundings); err != nil {
			return err
		}
		code, err := link.Isolate()
		if err == nil {
			return ended(code)
		}
		if !errors.As(err, &refusal) {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	report, err := probe.Examine(ctx, surroundings, f.link, f.family, refusal)
	if ctx.Err() != nil {
		return exitCode(exitInterrupted)
	}
	if err != nil {
		return err
	}
	return f.write(os.Stdout, report)
}

func (f *probeFlags) write(w io.Writer, report *probe.Report) error {
	if !f.json {
		return report.WriteText(w, term.IsTerminal(int(os.Stdout.Fd())))
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(report)
}

// surroundingsEnv carries what was seen outside to the process in the namespace.
const surroundingsEnv = "SENDBENCH_PROBE_SURROUNDINGS"

func carry(s probe.Surroundings) error {
	value, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("hand on what was seen outside the namespace: %w", err)
	}
	return os.Setenv(surroundingsEnv, string(value))
}

// carriedSurroundings finds what carry left, in the process that it was for.
func carriedSurroundings() (s probe.Surroundings, ok bool, err error) {
	value := os.Getenv(surroundingsEnv)
	if value == "" || !link.Inside() {
		return s, false, nil
	}
	if err := json.Unmarshal([]byte(value), &s); err != nil {
		return s, false, fmt.Errorf("read what was seen outside the namespace: %w", err)
	}
	return s, true, nil
}
