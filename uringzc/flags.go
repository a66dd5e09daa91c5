//go:build linux

package uringzc

import (
	"fmt"
	"strings"
)

// SetupFlags are the IORING_SETUP_* flags that a ring was granted; see
// io_uring_setup(2).
type SetupFlags uint32

// The flags that Open asks for, with the kernel release that has them.
const (
	SetupSQPoll       SetupFlags = 1 << 1  // 5.1, unprivileged from 5.13
	SetupSQAffinity   SetupFlags = 1 << 2  // 5.1
	SetupCQSize       SetupFlags = 1 << 3  // 5.5
	SetupSubmitAll    SetupFlags = 1 << 7  // 5.18
	SetupCoopTaskrun  SetupFlags = 1 << 8  // 5.19
	SetupTaskrunFlag  SetupFlags = 1 << 9  // 5.19
	SetupSingleIssuer SetupFlags = 1 << 12 // 6.0
	SetupDeferTaskrun SetupFlags = 1 << 13 // 6.1
	SetupNoSQArray    SetupFlags = 1 << 16 // 6.6
)

// String lists the flags by their kernel names without the prefix.
func (f SetupFlags) String() string {
	return bitNames(uint32(f), map[int]string{
		1: "SQPOLL", 2: "SQ_AFF", 3: "CQSIZE", 7: "SUBMIT_ALL", 8: "COOP_TASKRUN",
		9: "TASKRUN_FLAG", 12: "SINGLE_ISSUER", 13: "DEFER_TASKRUN", 16: "NO_SQARRAY",
	})
}

// Features are the IORING_FEAT_* bits that the kernel reports of itself; see
// io_uring_setup(2).
type Features uint32

// The features that Open needs; a kernel from 5.11 on has them.
const (
	FeatureSingleMmap Features = 1 << 0 // 5.4: both rings in one mapping
	FeatureNoDrop     Features = 1 << 1 // 5.5: completions that don't fit are kept
	FeatureExtArg     Features = 1 << 8 // 5.11: waits have a timeout

	featuresNeeded = FeatureSingleMmap | FeatureNoDrop | FeatureExtArg
)

// String lists the features by their kernel names without the prefix.
func (f Features) String() string {
	return bitNames(uint32(f), map[int]string{
		0: "SINGLE_MMAP", 1: "NODROP", 2: "SUBMIT_STABLE", 3: "RW_CUR_POS", 4: "CUR_PERSONALITY",
		5: "FAST_POLL", 6: "POLL_32BITS", 7: "SQPOLL_NONFIXED", 8: "EXT_ARG", 9: "NATIVE_WORKERS",
		10: "RSRC_TAGS", 11: "CQE_SKIP", 12: "LINKED_FILE", 13: "REG_REG_RING", 14: "RECVSEND_BUNDLE",
		15: "MIN_TIMEOUT", 16: "RW_ATTR", 17: "NO_IOWAIT",
	})
}

// bitNames joins the names of the bits that are set in v, lowest first. A bit
// without a name is shown as 1<<n.
func bitNames(v uint32, names map[int]string) string {
	var set []string
	for bit := range 32 {
		if v&(1<<bit) == 0 {
			continue
		}
		name, ok := names[bit]
		if !ok {
			name = fmt.Sprintf("1<<%d", bit)
		}
		set = append(set, name)
	}
	return strings.Join(set, "|")
}
