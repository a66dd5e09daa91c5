package link

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"sendbench/runner/nic"
	"sendbench/runner/results"
)

// Link is a path for packets, from a sending device to what becomes of them.
// Its methods are for one goroutine at a time. A Receiver of it may run beside.
type Link struct {
	spec     Spec
	farNS    *os.File    // the far end's network namespace, nil where that is this one
	near     *nic.Device // the sending device
	far      *nic.Device // the other end, nil on loopback
	counter  *wireCounter
	received *datagrams     // for the one receiver that there can be, nil before the first
	streams  *Streams       // of TCP, nil before the first
	remote   *remote        // of NIC alone
	undo     []func() error // takes down what Open built, last first
}

// Open builds a link of a kind, Sink, Pair or Loopback, for an IP family, 4 or
// 6. Sink and pair need a process that is Inside; loopback outside takes the lo
// that other programs use too.
func Open(kind string, family int) (*Link, error) {
	if family != 4 && family != 6 {
		return nil, fmt.Errorf("link: IP family %d: it is 4 or 6", family)
	}
	l := &Link{spec: Spec{Kind: kind, Family: family}}
	var err error
	switch kind {
	case Sink, Pair:
		err = l.build()
	case Loopback:
		err = l.loopback()
	default:
		return nil, fmt.Errorf("link: no link %q: it is %s, %s or %s", kind, Sink, Pair, Loopback)
	}
	if err == nil {
		err = l.open()
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Attach opens a link that another process built, from what its Link.Spec gave:
// the process has to be in the same network namespace and to have inherited the
// files. Closing it leaves the link standing.
func Attach(s Spec) (*Link, error) {
	l := &Link{spec: s}
	if s.FarFD > 0 {
		unix.CloseOnExec(s.FarFD)
		l.farNS = os.NewFile(uintptr(s.FarFD), "far network namespace")
	}
	if (s.Kind == Pair) != (l.farNS != nil) {
		return nil, fmt.Errorf("link: attach to a %s with descriptor %d of its far end: a pair has one, no other link does", s.Kind, s.FarFD)
	}
	var err error
	if s.Kind == NIC {
		err = l.join()
	}
	if err == nil {
		err = l.open()
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// Spec returns what another process needs to Attach, and the files that it has
// to inherit as descriptors from firstFD on (3 for the first of exec.Cmd's
// ExtraFiles). They stay the link's.
func (l *Link) Spec(firstFD int) (Spec, []*os.File) {
	s := l.spec
	s.FarFD = 0
	if l.farNS == nil {
		return s, nil
	}
	s.FarFD = firstFD
	return s, []*os.File{l.farNS}
}

// build makes the devices of a sink or a pair.
func (l *Link) build() (err error) {
	if !Inside() {
		return fmt.Errorf("link: %s needs a network namespace of its own: call Isolate first, or take the link %s", l.spec.Kind, Loopback)
	}
	if l.spec.Kind == Pair {
		if l.farNS, err = newNamespace(); err != nil {
			return err
		}
	}
	if err := addVeth(&l.spec, l.farNS); err != nil {
		return err
	}
	l.undo = append(l.undo, func() error { return deleteVeth(l.spec.Device) })
	if l.spec.Kind == Sink {
		undo, err := dropAll(l.spec.Far)
		if err != nil {
			return err
		}
		l.undo = append(l.undo, undo)
	}
	return nil
}

// loopback finds an address and a free port of lo.
func (l *Link) loopback() error {
	s := &l.spec
	s.Device, s.Shared = "lo", !Inside()
	s.Source = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if s.Family == 6 {
		s.Source = netip.IPv6Loopback()
	}
	free, err := freePort(s.Source)
	if err != nil {
		return fmt.Errorf("link: lo doesn't take %s: %w", s.Source, err)
	}
	s.Dest = netip.AddrPortFrom(s.Source, free)
	return nil
}

// open opens the devices and the counter. A far end in this namespace counts
// what it received. The near end of a pair counts what it sent, which is the
// same: veth counts a frame for both ends, with its Ethernet header, once the
// far one has taken it (veth_xmit, drivers/net/veth.c). lo counts without that
// header (loopback_xmit, drivers/net/loopback.c).
func (l *Link) open() (err error) {
	s := l.spec
	if l.near == nil { // OpenNIC has opened it
		if l.near, err = nic.Open(s.Device); err != nil {
			return fmt.Errorf("link: %w", err)
		}
	}
	if s.Far != "" {
		err = within(l.farNS, func() error {
			l.far, err = nic.Open(s.Far)
			return err
		})
		if err != nil {
			return fmt.Errorf("link: %w", err)
		}
	}
	device, sent, missing := s.Device, true, int64(0)
	switch s.Kind {
	case Sink:
		device, sent = s.Far, false
	case Loopback:
		missing = ethernetHeader
	case NIC:
		if missing, err = headerLeftOut(device); err != nil {
			return err
		}
		if l.remote.queue, err = openQueueCounter(device); err != nil {
			return err
		}
	}
	index, err := deviceIndex(device)
	if err != nil {
		return err
	}
	l.counter, err = openWireCounter(index, sent, missing)
	return err
}

// Close gives up the link's descriptors. If Open built the link it also takes
// its devices down, so nothing may be sending any more.
func (l *Link) Close() error {
	var errs []error
	if l.streams != nil {
		errs = append(errs, l.streams.Close())
		l.streams = nil
	}
	for len(l.undo) > 0 {
		last := len(l.undo) - 1
		errs = append(errs, l.undo[last]())
		l.undo = l.undo[:last]
	}
	if l.counter != nil {
		l.counter.close()
		l.counter = nil
	}
	if l.remote != nil {
		errs = append(errs, l.remote.close())
		l.remote = nil
	}
	for _, device := range []**nic.Device{&l.near, &l.far} {
		if *device != nil {
			(*device).Close()
			*device = nil
		}
	}
	if l.farNS != nil {
		errs = append(errs, l.farNS.Close())
		l.farNS = nil
	}
	return errors.Join(errs...)
}

// Name returns the kind of link.
func (l *Link) Name() string { return l.spec.Kind }

// Family returns the IP family, 4 or 6.
func (l *Link) Family() int { return l.spec.Family }

// Shared reports whether the device also carries frames of other programs,
// which Wire then counts too.
func (l *Link) Shared() bool { return l.spec.Shared }

// Device returns the name of the sending device.
func (l *Link) Device() string { return l.spec.Device }

// Source returns the address that is sent from.
func (l *Link) Source() netip.Addr { return l.spec.Source }

// Dest returns the address and port that is sent to.
func (l *Link) Dest() netip.AddrPort { return l.spec.Dest }

// MTU returns the sending device's MTU in bytes as it is now.
func (l *Link) MTU() (int, error) { return l.near.MTU() }

// Wire returns what has gone over the link since it was made. It costs one
// short system call each way and is meant to be read before and after a trial.
func (l *Link) Wire() (Wire, error) {
	w, err := l.counter.read()
	if err == nil && l.remote != nil {
		var dropped int64
		dropped, err = l.remote.queue.dropped()
		w.Dropped += dropped
	}
	return w, err
}

// Path returns what Expected needs to know of the link as it is now.
func (l *Link) Path() (Path, error) {
	d, err := l.near.Describe()
	if err != nil {
		return Path{}, err
	}
	return pathOf(d, l.spec.Family), nil
}

// pathOf is the path by a device. One that can't sum an IP family's packets gets none
// of them whole (harmonize_features, net/core/dev.c).
func pathOf(d nic.Description, family int) Path {
	_, sums := checksumFeature(d.Features, family)
	p := Path{
		Family:      family,
		MTU:         d.MTU,
		SuperFrames: isOn(d.Features["tx-udp-segmentation"]) && isOn(sums),
		GSOMaxSize:  d.Limits["gso_max_size"],
		GSOMaxSegs:  d.Limits["gso_max_segs"],
	}
	if ipv4, ok := d.Limits["gso_ipv4_max_size"]; ok && family == 4 {
		p.GSOMaxSize = ipv4 // apart from the other since Linux 6.3
	}
	return p
}

// Describe returns the link's part of a record. What a probe send found is for
// the caller to fill in.
func (l *Link) Describe() (results.Link, error) {
	d, err := l.near.Describe()
	if err != nil {
		return results.Link{}, err
	}
	description, caveat := words(l.spec)
	namespace := string(dwelling())
	if namespace == "" {
		namespace = "none"
	}
	found := results.Link{
		Name:        l.spec.Kind,
		Description: description,
		Caveat:      caveat,
		Namespace:   namespace,
		Device:      results.Device(d),
	}
	if l.remote != nil {
		found.Peer = l.remote.peer()
	}
	return found, nil
}
