package meter

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Tap is a packet socket (packet(7)) that takes packets.
type Tap struct {
	Programs []Program // that hold it, as far as they may be seen
	User     string    // the number of its owner
	Device   string    // that it is on, or EveryDevice
	Protocol string    // for people
}

// Program is a running one.
type Program struct {
	Name string // at most 15 bytes, its own choice
	PID  int
}

// EveryDevice stands for the device of a tap that isn't bound to one.
const EveryDevice = "every device"

// SeesSent tells whether a tap sees what is sent, too, and not only what is received.
func (t Tap) SeesSent() bool { return t.Protocol == everyProtocol }

// Holder names the programs, or their user where they can't be seen.
func (t Tap) Holder() string {
	var names []string
	for _, p := range t.Programs {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "a program of user " + t.User
	}
	return strings.Join(names, " and ")
}

// String is the form of a record: "tcpdump on eth0, every protocol".
func (t Tap) String() string { return t.Holder() + " on " + t.Device + ", " + t.Protocol }

// Taps are those of the calling thread's network namespace.
func Taps() []Tap { return host.taps(deviceNames(), host.tasks()) }

// packetSocket is one line of /proc/net/packet that takes packets.
type packetSocket struct {
	protocol uint16
	device   int // index, 0 for every device
	user     string
	inode    string
}

// taps finds out who holds each.
func (r root) taps(devices map[int]string, all []task) []Tap {
	sockets := parsePacketSockets(r.text("proc/thread-self/net/packet"))
	if len(sockets) == 0 {
		return nil
	}
	holders := r.socketHolders(all)
	var found []Tap
	for _, s := range sockets {
		found = append(found, Tap{holders[s.inode], s.user, deviceName(devices, s.device), protocolName(s.protocol)})
	}
	return found
}

// tapLines are taps in the form of a record, each kind once.
func tapLines(taps []Tap) []string {
	lines := []string{}
	for _, t := range taps {
		lines = append(lines, t.String())
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// parsePacketSockets reads lines of the columns sk, RefCnt, Type, Proto, Iface, R,
// Rmem, User, Inode (packet_seq_show, net/packet/af_packet.c). Sockets that aren't
// running (R) or have no protocol take nothing.
func parsePacketSockets(text string) []packetSocket {
	var found []packetSocket
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 9 || fields[5] != "1" {
			continue
		}
		protocol, err := strconv.ParseUint(fields[3], 16, 16)
		if err != nil || protocol == 0 {
			continue
		}
		device, err := strconv.Atoi(fields[4])
		if err != nil {
			continue
		}
		found = append(found, packetSocket{uint16(protocol), device, fields[7], fields[8]})
	}
	return found
}

// socketHolders returns the programs that hold each socket, by its inode number, as far
// as their descriptors may be seen (proc_pid_fd(5)).
func (r root) socketHolders(all []task) map[string][]Program {
	holders := map[string][]Program{}
	for _, t := range all {
		if t.kernel {
			continue
		}
		dir := "proc/" + strconv.Itoa(t.pid) + "/fd"
		entries, _ := fs.ReadDir(r.fsys, dir)
		for _, e := range entries {
			target, err := fs.ReadLink(r.fsys, dir+"/"+e.Name())
			if err != nil {
				continue
			}
			number, ok := strings.CutPrefix(target, "socket:[")
			inode, closed := strings.CutSuffix(number, "]")
			if p := (Program{t.name, t.pid}); ok && closed && !slices.Contains(holders[inode], p) {
				holders[inode] = append(holders[inode], p)
			}
		}
	}
	return holders
}

func deviceName(devices map[int]string, index int) string {
	if index == 0 {
		return EveryDevice
	}
	if name := devices[index]; name != "" {
		return name
	}
	return "device " + strconv.Itoa(index)
}

// protocolName names those of include/uapi/linux/if_ether.h that are met most.
func protocolName(protocol uint16) string {
	switch protocol {
	case 0x0003: // ETH_P_ALL
		return everyProtocol
	case 0x0800:
		return "IPv4"
	case 0x0806:
		return "ARP"
	case 0x86dd:
		return "IPv6"
	case 0x888e:
		return "EAPOL"
	case 0x88cc:
		return "LLDP"
	}
	return fmt.Sprintf("protocol %#04x", protocol)
}
