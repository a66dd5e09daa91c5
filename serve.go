//go:build linux

package main

import (
	"fmt"
	"os"
	"slices"

	"sendbench/report/live"
	"sendbench/runner/meter"
)

func isPageServer() bool { return live.IsProcess() }

func servePage() int { return live.ServeProcess() }

// watchedWarning is what a record is told that was watched.
const watchedWarning = "the run could be watched in a browser (--serve): drawing its page takes CPU time, cache and memory bandwidth beside what is measured"

// startPage serves the run's page where --serve asks for that, in this process's network
// namespace and not the run's. What it returns is to be called when the run has ended.
// The page is drawn where none of the senders is, unless they have every CPU.
func (f *runFlags) startPage(senders int) (end func(), err error) {
	if f.serve == "" {
		return func() {}, nil
	}
	address, err := live.ParseAddress(f.serve)
	if err != nil {
		return nil, err
	}
	l, err := address.Listen()
	if err != nil {
		return nil, fmt.Errorf("--serve %s: %w; port 0 is one that is free", f.serve, err)
	}
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		return nil, err
	}
	taken := meter.PickFlowCPUs(cpus, senders)
	cpus = slices.DeleteFunc(cpus, func(cpu int) bool { return slices.Contains(taken, cpu) })
	page, err := live.Start(l, live.Options{File: f.out, CPUs: cpus})
	if err != nil {
		return nil, fmt.Errorf("--serve %s: %w", f.serve, err)
	}
	fmt.Fprintf(os.Stderr, "sendbench: the run's page is http://%s/ while it goes on; drawing it takes CPU time beside what is measured\n", l.Addr())
	return func() {
		// What it ended with it has said itself, and it takes nothing from the run.
		_ = page.End()
	}, nil
}
