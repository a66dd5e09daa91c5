//go:build !linux

package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func probeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "probe",
		Short: "Tell what kernel, limits and device can do, and why a send would be copied (on Linux)",
		RunE: func(*cobra.Command, []string) error {
			return fmt.Errorf("probe tries Linux system calls and this is %s; report reads records here too", runtime.GOOS)
		},
		DisableFlagParsing: true,
	}
}
