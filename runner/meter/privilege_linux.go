package meter

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// capable says whether this process has a capability in effect in the initial
// user namespace, which is what the kernel's capable() asks. User 0 of a user
// namespace of its own has them all there, and none here.
func (r root) capable(capability uint) bool {
	effective, err := strconv.ParseUint(r.field("proc/self/status", "CapEff"), 16, 64)
	return err == nil && effective&(1<<capability) != 0 && r.initialUserNamespace()
}

// initialUserNamespace goes by the initial namespace's map of user ids: each to
// itself, all of them (user_namespaces(7)). A kernel without user namespaces
// has no map.
func (r root) initialUserNamespace() bool {
	text := r.text("proc/self/uid_map")
	return text == "" || strings.Join(strings.Fields(text), " ") == "0 0 4294967295"
}

// privileges is "root" for a process that may administer the machine, whatever
// its user id, and "ordinary user" for all others.
func (r root) privileges() string {
	if r.capable(unix.CAP_SYS_ADMIN) {
		return "root"
	}
	return "ordinary user"
}
