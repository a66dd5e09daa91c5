//go:build !linux

package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func isWorker() bool { return false }

func serveWorker() int { return exitFailed }

func isPageServer() bool { return false }

func servePage() int { return exitFailed }

func runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Measure a sweep (on Linux)",
		RunE: func(*cobra.Command, []string) error {
			return fmt.Errorf("run measures Linux system calls and this is %s; report reads records here too", runtime.GOOS)
		},
		DisableFlagParsing: true,
	}
}
