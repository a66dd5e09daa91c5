package meter

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// packetSocket is one line of /proc/net/packet that takes packets.
type packetSocket struct {
	protocol uint16
	device   int // index, 0 for every device
	user     string
	inode    string
}

// taps tells which programs take packets off which devices: "tcpdump on eth0,
// every protocol". A program that can't be seen is named by its user.
func (r root) taps(devices map[int]string, all []task) []string {
	sockets := parsePacketSockets(r.text("proc/thread-self/net/packet"))
	if len(sockets) == 0 {
		return []string{}
	}
	holders := r.socketHolders(all)
	var found []string
	for _, s := range sockets {
		program := "a program of user " + s.user
		if names := holders[s.inode]; len(names) > 0 {
			program = strings.Join(names, " and ")
		}
		found = append(found, program+" on "+deviceName(devices, s.device)+", "+protocolName(s.protocol))
	}
	slices.Sort(found)
	return slices.Compact(found)
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

// socketHolders returns the names of the programs that hold each socket, by its
// inode number, as far as their descriptors may be seen (proc_pid_fd(5)).
func (r root) socketHolders(all []task) map[string][]string {
	holders := map[string][]string{}
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
			if ok && closed && !slices.Contains(holders[inode], t.name) {
				holders[inode] = append(holders[inode], t.name)
			}
		}
	}
	return holders
}

func deviceName(devices map[int]string, index int) string {
	if index == 0 {
		return "every device"
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
