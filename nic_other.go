//go:build !linux

package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func nicCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "nic",
		Short: "Show what can be set on a network device (on Linux)",
		RunE: func(*cobra.Command, []string) error {
			return fmt.Errorf("nic sets devices of Linux and this is %s; report reads records here too", runtime.GOOS)
		},
		DisableFlagParsing: true,
	}
}

func warnLeft() {}
