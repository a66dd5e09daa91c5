//go:build linux

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"sendbench/runner"
	"sendbench/runner/link"
	"sendbench/runner/meter"
	"sendbench/runner/nic"
	"sendbench/runner/results"
	"sendbench/strategies"
)

// sweepFlags are the axes as they stand on the command line.
type sweepFlags struct {
	link       string
	proto      string
	strategies []string
	sizes      []string
	segment    string
	profiles   []string
	family     int
	footprints []string
	fills      []string
	pages      []string
	flows      []string
	rates      []string
	batch      int
	full       bool
}

func (f *sweepFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.link, "link", link.Sink, "`LINK` that packets go over: sink, pair, loopback, or nic: a device of this machine, to sendbench recv on another host")
	flags.StringVar(&f.proto, "proto", results.ProtoUDP, "`PROTOCOL` to send over: udp, or tcp on pair, loopback and nic")
	flags.StringSliceVar(&f.strategies, "strategy", nil, "`WAYS` of sending: "+strings.Join(strategies.Names(), ", ")+" (default: all)")
	flags.StringSliceVar(&f.sizes, "size", nil, "payload `BYTES` of a message, such as 1400,64000")
	flags.StringVar(&f.segment, "segment", "auto", "`UDP_SEGMENT`: auto (the MTU less the headers), off, or bytes")
	flags.StringArrayVar(&f.profiles, "nic", nil, "NIC `PROFILE`, such as default or mtu=9000,tx-udp-segmentation=off; may be repeated")
	flags.IntVar(&f.family, "family", 4, "IP `VERSION`: 4 or 6")
	flags.StringSliceVar(&f.footprints, "footprint", nil, "`BYTES` of buffers that are walked round, such as 1M,256M")
	flags.StringSliceVar(&f.fills, "fill", nil, "`WHAT` is written before each send: stamp (16 bytes), full (all)")
	flags.StringSliceVar(&f.pages, "pages", nil, "`PAGES` that the buffers lie in: small (default), huge")
	flags.StringSliceVar(&f.flows, "flows", nil, "`NUMBERS` of senders at once, each on a CPU of its own, such as 1,2 (default 1)")
	flags.StringSliceVar(&f.rates, "rate", nil, "`RATES` to send at, in messages a second such as 10k,100k (k and M are powers of 1000 here), to measure latency (default: as many as go)")
	flags.IntVar(&f.batch, "batch", runner.DefaultBatch, "`NUMBER` of messages handed over at once")
	flags.BoolVar(&f.full, "full", false, "every size on every profile, footprint and fill")
}

// names are the names of these flags.
func (f *sweepFlags) names() []string {
	return []string{"link", "proto", "strategy", "size", "segment", "nic", "family", "footprint", "fill", "pages", "flows", "rate", "batch", "full"}
}

// sweep checks each axis. Whatever it lets through names something that exists;
// that the link and the machine take it is found out later.
func (f *sweepFlags) sweep(flags *pflag.FlagSet) (runner.Sweep, error) {
	cpus, err := meter.AllowedCPUs()
	if err != nil {
		return runner.Sweep{}, err
	}
	s := runner.Sweep{
		Link: f.link, Proto: f.proto, Family: f.family, Batch: f.batch, Full: f.full,
		LLC: meter.Environment(meter.PickSenderCPU(cpus)).LLCBytes, CPUs: len(cpus),
	}
	if !slices.Contains([]string{link.Sink, link.Pair, link.Loopback, link.NIC}, f.link) {
		return s, fmt.Errorf("--link %s: there are sink, pair, loopback and nic", f.link)
	}
	if f.link == link.NIC && !flags.Changed("family") {
		s.Family = 0 // that of the receiver's address
	}
	if f.proto != results.ProtoUDP && f.proto != results.ProtoTCP {
		return s, fmt.Errorf("--proto %s: there are udp and tcp", f.proto)
	}
	if f.family != 4 && f.family != 6 {
		return s, fmt.Errorf("--family %d: it is 4 or 6", f.family)
	}
	if f.batch < 1 || f.batch > runner.MaxBatch {
		return s, fmt.Errorf("--batch %d: it takes a number from 1 to %d", f.batch, runner.MaxBatch)
	}
	for _, name := range f.strategies {
		if _, err := strategies.Lookup(name); err != nil {
			return s, fmt.Errorf("--strategy: %w", err)
		}
		s.Strategies = appendNew(s.Strategies, name)
	}
	if s.Sizes, err = values(f.sizes, parseSize); err != nil {
		return s, err
	}
	if s.Footprints, err = values(f.footprints, parseFootprint); err != nil {
		return s, err
	}
	if s.Flows, err = values(f.flows, parseFlows); err != nil {
		return s, err
	}
	if s.Rates, err = values(f.rates, parseRate); err != nil {
		return s, err
	}
	slices.Sort(s.Sizes)
	slices.Sort(s.Footprints)
	slices.Sort(s.Flows)
	slices.Sort(s.Rates)
	if s.Fills, err = values(f.fills, parseFill); err != nil {
		return s, err
	}
	if s.Pages, err = values(f.pages, parsePages); err != nil {
		return s, err
	}
	for _, word := range f.profiles {
		p, err := nic.ParseProfile(word)
		if err != nil {
			return s, fmt.Errorf("--nic: %w", err)
		}
		if !slices.ContainsFunc(s.Profiles, func(q nic.Profile) bool { return q.String() == p.String() }) {
			s.Profiles = append(s.Profiles, p)
		}
	}
	for _, axis := range []struct {
		flag  string
		empty bool
		like  string
	}{
		{"strategy", s.Strategies == nil, "write,uring-sendzc"},
		{"size", s.Sizes == nil, "1400,64000"},
		{"footprint", s.Footprints == nil, "1M,256M"},
		{"fill", s.Fills == nil, "stamp,full"},
		{"pages", s.Pages == nil, "small,huge"},
		{"flows", s.Flows == nil, "1,2"},
		{"rate", s.Rates == nil, "10k,100k"},
	} {
		if flags.Changed(axis.flag) && axis.empty {
			return s, fmt.Errorf("--%s: it takes values such as %s", axis.flag, axis.like)
		}
	}
	if s.Segment, err = parseSegment(f.segment); err != nil {
		return s, err
	}
	return s, s.Check()
}

// values reads the words of an axis, each value once; nil for none.
func values[T comparable](words []string, parse func(string) (T, error)) (list []T, err error) {
	for _, word := range words {
		v, err := parse(word)
		if err != nil {
			return nil, err
		}
		list = appendNew(list, v)
	}
	return list, nil
}

func appendNew[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

func parseSize(word string) (int, error) {
	n, err := results.ParseBytes(word)
	if err != nil {
		return 0, fmt.Errorf("--size: %w", err)
	}
	return int(n), nil
}

func parseFootprint(word string) (int64, error) {
	n, err := results.ParseBytes(word)
	if err != nil {
		return 0, fmt.Errorf("--footprint: %w", err)
	}
	return n, nil
}

func parseFlows(word string) (int, error) {
	n, err := strconv.Atoi(word)
	if err != nil {
		return 0, fmt.Errorf("--flows %s: it takes numbers of senders, such as 1,2", word)
	}
	return n, nil
}

func parseFill(word string) (string, error) {
	if word != results.FillStamp && word != results.FillFull {
		return "", fmt.Errorf("--fill %s: there are stamp and full", word)
	}
	return word, nil
}

func parsePages(word string) (string, error) {
	switch word {
	case "small":
		return "", nil
	case results.PagesHuge:
		return word, nil
	}
	return "", fmt.Errorf("--pages %s: there are small and huge", word)
}

// maxRate is far above what a sender does, in messages a second.
const maxRate = 100e6

// parseRate reads a number of messages a second; k and M are powers of 1000 here.
func parseRate(word string) (int64, error) {
	number, unit := word, int64(1)
	if rest, ok := strings.CutSuffix(word, "k"); ok {
		number, unit = rest, 1000
	} else if rest, ok := strings.CutSuffix(word, "M"); ok {
		number, unit = rest, 1000*1000
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 || n > maxRate/unit {
		return 0, fmt.Errorf("--rate %s: it takes a number of messages a second from 1 to 100M, such as 10k", word)
	}
	return n * unit, nil
}

func parseSegment(word string) (int, error) {
	switch word {
	case "auto":
		return runner.SegmentAuto, nil
	case "off":
		return runner.SegmentOff, nil
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > 65535 {
		return 0, fmt.Errorf("--segment %s: it takes auto, off, or a number of bytes from 1 to 65535", word)
	}
	return n, nil
}
