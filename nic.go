//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"sendbench/runner/link"
	"sendbench/runner/nic"
)

func nicCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "nic",
		Short: "Show what can be set on a network device, or put one back after a run was killed",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command \"nic %s\": there are nic show and nic restore", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(nicShowCommand(), nicRestoreCommand())
	return cmd
}

func nicShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show [DEVICE…]",
		Short: "Show what can be swept on network devices, or list them",
		Long: `Show what can be swept on network devices: each setting as --nic takes it, with its
present value and its range. Without a device it lists those that there are.`,
		RunE: func(_ *cobra.Command, names []string) error { return showNICs(names, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "a JSON array, with an object for each device")
	return cmd
}

// showNICs prints the named devices, or all in short.
func showNICs(names []string, asJSON bool) error {
	all := len(names) == 0
	if all {
		var err error
		if names, err = nic.Devices(); err != nil {
			return err
		}
	}
	overviews := []nic.Overview{}
	for _, name := range names {
		o, err := nicOverview(name)
		switch {
		case all && errors.Is(err, unix.ENODEV):
			continue // it went this moment
		case errors.Is(err, unix.ENODEV):
			return usageError{err}
		case err != nil:
			return err
		}
		overviews = append(overviews, o)
	}
	switch {
	case asJSON:
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(overviews)
	case all:
		return printNICs(os.Stdout, overviews)
	}
	for i, o := range overviews {
		if i > 0 {
			fmt.Println()
		}
		if err := printNIC(os.Stdout, o); err != nil {
			return err
		}
	}
	return nil
}

func nicOverview(name string) (nic.Overview, error) {
	device, err := nic.Open(name)
	if err != nil {
		return nic.Overview{}, err
	}
	defer device.Close()
	return device.Show()
}

func nicRestoreCommand() *cobra.Command {
	var forget bool
	cmd := &cobra.Command{
		Use:   "restore [DEVICE]",
		Short: "Put devices back that a run left changed when it ended",
		Long: `Put devices back that a run left changed, since it was killed or they refused, or the one
that is named, by the journals that runs keep in $XDG_STATE_HOME/sendbench or
~/.local/state/sendbench.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("nic restore takes one device, or none for all that were left changed")}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return restoreNICs(args, forget) },
	}
	cmd.Flags().BoolVar(&forget, "forget", false, "remove the journals of devices that are gone for good")
	return cmd
}

// restoreNICs puts the devices back that are named, or all. It goes on after one
// that can't be.
func restoreNICs(names []string, forget bool) error {
	dir, err := nic.StateDir()
	if err != nil {
		return err
	}
	left, err := nic.Left()
	if len(names) > 0 {
		left = slices.DeleteFunc(left, func(j nic.Journal) bool { return !slices.Contains(names, j.Device) })
	}
	for _, j := range left {
		err = errors.Join(err, restoreNIC(j, forget))
	}
	if len(left) == 0 && err == nil {
		fmt.Printf("nothing to put back%s in %s\n", strings.Join(append([]string{""}, names...), " of "), dir)
	}
	return err
}

// restoreNIC deals with one journal and says what it did.
func restoreNIC(j nic.Journal, forget bool) error {
	switch {
	case j.Running != nil:
		return j.Running
	case errors.Is(j.Stale, nic.ErrRestarted):
		if err := j.Forget(); err != nil {
			return err
		}
		fmt.Printf("%s: nothing to put back, %v\n", j.Device, j.Stale)
		return nil
	case j.Stale != nil && forget:
		if err := j.Forget(); err != nil {
			return err
		}
		fmt.Printf("%s: forgotten, %v\n", j.Device, j.Stale)
		return nil
	case errors.Is(j.Stale, nic.ErrGone):
		return fmt.Errorf("%s can't be put back: %w; --forget gives it up", j.Device, j.Stale)
	case errors.Is(j.Stale, nic.ErrElsewhere):
		return fmt.Errorf("%s can't be put back from here: %w; when that is no more, --forget gives it up", j.Device, j.Stale)
	case j.Stale != nil:
		return fmt.Errorf("%s can't be put back from here: %w", j.Device, j.Stale)
	}
	err := j.Restore()
	if err != nil && !errors.Is(err, nic.ErrNoLink) {
		return err
	}
	fmt.Printf("%s: put back as it was before process %d changed it, last on %s to %s\n",
		j.Device, j.PID, j.Written.Local().Format("2006-01-02 15:04:05"), j.Profile)
	if err != nil {
		fmt.Printf("%s: %v yet; sendbench nic show tells when it is\n", j.Device, nic.ErrNoLink)
	}
	return nil
}

// warnLeft says, in one line, that a run left a device changed that can be put back from
// here. It is no reason to fail.
func warnLeft() {
	if link.Inside() {
		return // whoever started this one has said it
	}
	left, _ := nic.Left()
	var names []string
	for _, j := range left {
		if j.Running == nil && j.Stale == nil {
			names = append(names, j.Device)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(os.Stderr, "sendbench: a run has ended and left %s changed; sendbench nic restore puts it back\n", strings.Join(names, ", "))
	}
}
