//go:build linux

package vmtest

import (
	"time"

	"sendbench/internal/vmtest/guest"
	"sendbench/runner/link"
)

// tasks are what a machine is to do, and the tests that takes.
func (d Driver) tasks() ([]task, []Suite) {
	switch {
	case d.Device != "":
		return d.cardTasks(), []Suite{settings}
	case d.Suites == nil:
		return linkTasks(), nil
	}
	var tasks []task
	for _, s := range d.Suites {
		tasks = append(tasks, runSuite(s, ""))
	}
	return tasks, d.Suites
}

// settings try a card's settings.
var settings = Suite{Package: "internal/vmtest/settings"}

// linkTasks find out what a kernel can do, without a card.
func linkTasks() []task {
	return []task{
		{guest.Step{Name: "probe", Args: []string{sendbenchPath, "probe"}, Within: time.Minute}, succeeds},
		sweep{over: link.Sink}.here(copiesAsAble),
		sweep{over: link.Pair}.here(copiesEverything),
		sweep{over: link.Loopback}.here(copiesEverything),
	}
}

// near and far are the two hosts that a machine's cards make of it. 198.18.0.0/15
// is for such things (RFC 2544), and fd00::/8 for whoever likes (RFC 4193).
var (
	near = guest.Host{Name: "near", MAC: macs[0], Device: "eth1", Address: []string{"198.18.0.1/24", "fd00:18::1/64"}}
	far  = guest.Host{Name: "far", MAC: macs[1], Device: "eth1", Address: []string{"198.18.0.2/24", "fd00:18::2/64"}}
)

const (
	control    = "198.18.0.2:7001" // of the receiver
	secretFile = "/run/secret"
	// toFar is at a rate that an emulated card keeps up with: above it the kernel drops
	// what the card has no room for, and the counts of a trial don't agree.
	toFar = "--max-rate 100M --device eth1 --to " + control + " --secret-file " + secretFile
)

// cardTasks find out what a driver can do, between near and far.
func (d Driver) cardTasks() []task {
	const killed = "/tmp/killed.jsonl"
	show := guest.Step{Host: near.Name, Args: []string{sendbenchPath, "nic", "show", near.Device, "--json"}, Within: 20 * time.Second}
	named := func(name string) guest.Step {
		s := show
		s.Name = name
		return s
	}
	tasks := []task{
		{guest.Step{
			Name: "recv", Host: far.Name, Ready: "listening on", Within: machineWithin,
			Args: []string{sendbenchPath, "recv", "--listen", control, "--secret-file", secretFile},
		}, succeeds},
		{guest.Step{Name: "probe", Host: near.Name, Args: []string{sendbenchPath, "probe", "--device", near.Device}, Within: time.Minute}, succeeds},
	}
	for _, s := range d.sweeps() {
		tasks = append(tasks, s.between(near.Name, toFar, copiesAsAble)...)
	}
	return append(tasks, []task{
		{named("nic show"), succeeds},
		runSuite(settings, near.Name, "-device", near.Device),
		{named("nic show after the settings"), sameAs("nic show", true)},
		{guest.Step{
			Name: "run that is killed", Host: near.Name, Args: sweep{over: link.NIC}.command(killed, "--nic mtu=1400 "+toFar), Within: time.Minute, KillWhen: killed,
		}, isKilled},
		{named("nic show after the kill"), sameAs("nic show", false)},
		{guest.Step{Name: "nic restore", Host: near.Name, Args: []string{sendbenchPath, "nic", "restore"}, Within: 20 * time.Second}, succeeds},
		{named("nic show after the restore"), sameAs("nic show", true)},
	}...)
}
