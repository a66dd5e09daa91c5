//go:build !linux

package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"
)

func recvCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "recv",
		Short: "Receive what sendbench run --link nic sends from another host (on Linux)",
		RunE: func(*cobra.Command, []string) error {
			return fmt.Errorf("recv counts with Linux system calls and this is %s; report reads records here too", runtime.GOOS)
		},
		DisableFlagParsing: true,
	}
}
