package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sendbench/runner/results"
)

// applied says what a NIC profile really changed, as read back: what it asked for,
// what that took along, and what was so already. It is empty where the record
// doesn't tell, and for the profile that changes nothing.
func applied(l results.Link, profile string) string {
	if l.Applied == nil || profile == results.ProfileDefault {
		return ""
	}
	changed := l.Applied[profile]
	asked := make(map[string]bool)
	var as, already []string
	for setting := range strings.SplitSeq(profile, ",") {
		name, value, _ := strings.Cut(setting, "=")
		asked[name] = true
		if now, ok := changed[name]; ok {
			as = append(as, printable(name)+"="+printable(now))
			if now != value {
				as[len(as)-1] += fmt.Sprintf(" (%s was asked for)", printable(value))
			}
		} else {
			already = append(already, printable(setting))
		}
	}
	var along []string
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if !asked[name] {
			along = append(along, printable(name)+"="+printable(changed[name]))
		}
	}
	var parts []string
	if len(as) > 0 {
		parts = append(parts, strings.Join(as, ", "))
	}
	if len(along) > 0 {
		parts = append(parts, "which took along "+strings.Join(along, ", "))
	}
	if len(already) > 0 {
		parts = append(parts, strings.Join(already, ", ")+" was so already")
	}
	return strings.Join(parts, "; ") + "."
}
