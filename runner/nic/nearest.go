package nic

import (
	"fmt"
	"slices"
	"strings"
)

// shortNames are the names that ethtool -K takes for one or more features
// besides the kernel's own (off_flag_def in ethtool's ethtool.c).
var shortNames = map[string]string{
	"sg":     "tx-scatter-gather",
	"tso":    "tx-tcp-segmentation",
	"gso":    "tx-generic-segmentation",
	"gro":    "rx-gro",
	"lro":    "rx-lro",
	"rx":     "rx-checksum",
	"tx":     "tx-checksum-ip-generic",
	"rxvlan": "rx-vlan-hw-parse",
	"txvlan": "tx-vlan-hw-insert",
	"ntuple": "rx-ntuple-filter",
	"rxhash": "rx-hashing",
	"uso":    "tx-udp-segmentation",
}

// sendFeatures are the features that a send depends on most, to name where an
// unknown name is like none.
var sendFeatures = []string{
	"tx-scatter-gather",
	"tx-checksum-ip-generic",
	"tx-udp-segmentation",
	"tx-tcp-segmentation",
	"tx-generic-segmentation",
}

// nearest says which of the known names an unknown one may have meant, or names
// a handful of them.
func nearest(unknown string, known []string) string {
	if long, ok := shortNames[unknown]; ok && slices.Contains(known, long) {
		return "its full name is " + long
	}
	type candidate struct {
		name     string
		distance int
	}
	var close []candidate
	for _, name := range known {
		distance := editDistance(unknown, name)
		if distance <= len(name)/3 || len(unknown) >= 3 && strings.Contains(name, unknown) {
			close = append(close, candidate{name, distance})
		}
	}
	if len(close) == 0 {
		handful := slices.DeleteFunc(slices.Clone(sendFeatures), func(name string) bool { return !slices.Contains(known, name) })
		return fmt.Sprintf("among the %d that there are: %s", len(known), strings.Join(handful, ", "))
	}
	slices.SortStableFunc(close, func(a, b candidate) int { return a.distance - b.distance })
	var names []string
	for _, c := range close[:min(3, len(close))] {
		names = append(names, c.name)
	}
	return "the nearest are " + strings.Join(names, ", ")
}

// editDistance counts the bytes to insert, delete or replace to get from a to b
// (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
