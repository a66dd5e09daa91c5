//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"
	"sendbench/runner/link"
	"sendbench/runner/link/control"
	"sendbench/runner/results"
)

// remoteFlags name the receiver on another host, with --link nic.
type remoteFlags struct {
	device     string
	to         string
	secretFile string
	maxRate    string
	force      bool
}

func (f *remoteFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.device, "device", "", "with --link nic: `DEVICE` that packets leave by")
	flags.StringVar(&f.to, "to", "", "with --link nic: `HOST:PORT` at which sendbench recv listens")
	flags.StringVar(&f.secretFile, "secret-file", "", "with --link nic: `FILE` with the secret of that sendbench recv")
	flags.StringVar(&f.maxRate, "max-rate", "", "with --link nic: most `BITS` a second to send, such as 2.5G")
	flags.BoolVar(&f.force, "force", false, "with --link nic: change settings also of a device that carries the default route or your SSH connection")
}

// names are the names of these flags.
func (f *remoteFlags) names() []string {
	return []string{"device", "to", "secret-file", "max-rate", "force"}
}

// remote checks the flags for a run over a link, and reads the secret. nil is for a
// link that has no other host.
func (f *remoteFlags) remote(flags *pflag.FlagSet, kind string) (*link.Remote, error) {
	if kind != link.NIC {
		for _, name := range f.names() {
			if flags.Changed(name) {
				return nil, fmt.Errorf("--%s with the link %s: it is for a receiver on another host; say --link nic too, or leave it out", name, kind)
			}
		}
		return nil, nil
	}
	for _, needed := range []struct{ name, value, like string }{
		{"device", f.device, "the device that packets leave by, such as eth1"},
		{"to", f.to, "the host and port at which sendbench recv listens"},
		{"secret-file", f.secretFile, "the file with that receiver's secret, which sendbench recv writes"},
	} {
		if needed.value == "" {
			return nil, fmt.Errorf("--link nic without --%s: it takes %s", needed.name, needed.like)
		}
	}
	r := &link.Remote{Device: f.device, To: f.to, Force: f.force}
	if f.maxRate != "" || flags.Changed("max-rate") {
		var err error
		if r.MaxBitsPerSecond, err = parseBitRate("max-rate", f.maxRate); err != nil {
			return nil, err
		}
	}
	secret, warning, err := control.ReadSecret(f.secretFile)
	if err != nil {
		return nil, fmt.Errorf("--secret-file: %s", oneLine(err))
	}
	if warning != "" {
		fmt.Fprintln(os.Stderr, "sendbench:", warning)
	}
	r.Secret = secret
	return r, nil
}

// again takes over from a record what wasn't given anew: where the run went, and how
// fast it might.
func (f *remoteFlags) again(l results.Link) error {
	if l.Name != link.NIC {
		return nil
	}
	if l.Peer == nil {
		return errors.New("its record doesn't name the receiver; leave out --resume to start anew")
	}
	if f.device == "" {
		f.device = l.Device.Name
	}
	if f.to == "" {
		f.to = l.Peer.Control
	}
	if f.maxRate == "" && l.Peer.MaxBitsPerSecond > 0 {
		f.maxRate = fmt.Sprint(l.Peer.MaxBitsPerSecond)
	}
	return nil
}
