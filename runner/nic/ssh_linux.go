package nic

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// sshSession is an SSH connection by its ends, without zones.
type sshSession struct{ client, server netip.Addr }

// mostAncestors bounds the walk to a process's first ancestor.
const mostAncestors = 256

// sshSessions finds the SSH connections that a process is run from: sshd(8) tells
// of one in SSH_CONNECTION, which sudo(8) takes away, so that the ancestors'
// environments are looked at too. proc is the mount point of proc(5). Processes
// that may not be read are passed over.
func sshSessions(proc string, pid int) []sshSession {
	var sessions []sshSession
	for range mostAncestors {
		if pid <= 0 {
			break
		}
		dir := filepath.Join(proc, strconv.Itoa(pid))
		environment, _ := os.ReadFile(filepath.Join(dir, "environ"))
		for variable := range bytes.SplitSeq(environment, []byte{0}) {
			value, ok := strings.CutPrefix(string(variable), "SSH_CONNECTION=")
			if session, well := parseSSH(value); ok && well {
				sessions = append(sessions, session)
			}
		}
		pid = parentOf(dir)
	}
	return sessions
}

// parseSSH reads SSH_CONNECTION: client address and port, server address and port.
func parseSSH(value string) (sshSession, bool) {
	words := strings.Fields(value)
	if len(words) != 4 {
		return sshSession{}, false
	}
	client, clientErr := netip.ParseAddr(words[0])
	server, serverErr := netip.ParseAddr(words[2])
	if clientErr != nil || serverErr != nil {
		return sshSession{}, false
	}
	return sshSession{client.WithZone("").Unmap(), server.WithZone("").Unmap()}, true
}

// parentOf reads a process's parent from its stat, 0 for none.
func parentOf(dir string) int {
	stat, _ := os.ReadFile(filepath.Join(dir, "stat"))
	words := statWords(stat)
	if len(words) < 2 {
		return 0
	}
	parent, err := strconv.Atoi(words[1])
	if err != nil {
		return 0
	}
	return parent
}
