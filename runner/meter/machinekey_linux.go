package meter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// machineKey tells machines apart without giving machine-id(5) away, which is
// confidential: 16 hex digits of an HMAC that the id keys. A machine without
// an id is known by what stays the same from boot to boot and what every user
// may read.
func (r root) machineKey(hostname string) string {
	id := r.text("etc/machine-id")
	if id == "" || id == "uninitialized" {
		const gibibyte = 1 << 30 // MemTotal differs a little from boot to boot
		id = fmt.Sprintf("%s\n%s\n%s\n%d", hostname, r.cpuModel(), r.text("sys/devices/system/cpu/possible"), r.memory("MemTotal")/gibibyte)
	}
	mac := hmac.New(sha256.New, []byte(id))
	mac.Write([]byte("sendbench machine key"))
	return hex.EncodeToString(mac.Sum(nil))[:16]
}
