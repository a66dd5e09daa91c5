//go:build linux && (amd64 || arm64)

package uringzc

import (
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What the package and the kernel have to agree on is held against
// testdata/abi.txt, the facts that testdata/abi.c took from the kernel's headers.
// amd64 and arm64 have all of them in common; systems of 32 bits have other
// message headers.
//
// A new struct or constant in abi.go, flags.go or op.go wants a row in mirrors or
// constants and, if abi.txt lacks the fact, a line in abi.c and make abi.

// mirrors are the Go structs that the kernel reads or writes.
var mirrors = []struct {
	kernel string // C's name of the struct
	mirror reflect.Type
	fields map[string]string // Go's name to C's, but for padding; [] after a flexible array
}{
	{"io_uring_sqe", reflect.TypeFor[sqe](), map[string]string{
		"opcode": "opcode", "flags": "flags", "ioprio": "ioprio", "fd": "fd", "off": "off", "addr": "addr",
		"len": "len", "msgFlags": "msg_flags", "userData": "user_data", "bufIndex": "buf_index",
		"personality": "personality", "fileIndex": "file_index", "addr3": "addr3",
	}},
	{"io_uring_cqe", reflect.TypeFor[cqe](), map[string]string{
		"userData": "user_data", "res": "res", "flags": "flags",
	}},
	{"io_uring_params", reflect.TypeFor[setupParams](), map[string]string{
		"sqEntries": "sq_entries", "cqEntries": "cq_entries", "flags": "flags", "sqThreadCPU": "sq_thread_cpu",
		"sqThreadIdle": "sq_thread_idle", "features": "features", "wqFD": "wq_fd", "sqOff": "sq_off", "cqOff": "cq_off",
	}},
	{"io_sqring_offsets", reflect.TypeFor[sqOffsets](), map[string]string{
		"head": "head", "tail": "tail", "mask": "ring_mask", "entries": "ring_entries", "flags": "flags",
		"dropped": "dropped", "array": "array", "userAddr": "user_addr",
	}},
	{"io_cqring_offsets", reflect.TypeFor[cqOffsets](), map[string]string{
		"head": "head", "tail": "tail", "mask": "ring_mask", "entries": "ring_entries", "overflow": "overflow",
		"cqes": "cqes", "flags": "flags", "userAddr": "user_addr",
	}},
	{"io_uring_getevents_arg", reflect.TypeFor[getEventsArg](), map[string]string{
		"sigmask": "sigmask", "sigmaskSize": "sigmask_sz", "minWaitUsec": "min_wait_usec", "timespec": "ts",
	}},
	{"__kernel_timespec", reflect.TypeFor[kernelTimespec](), map[string]string{
		"sec": "tv_sec", "nsec": "tv_nsec",
	}},
	{"io_uring_rsrc_update", reflect.TypeFor[resourceUpdate](), map[string]string{
		"offset": "offset", "data": "data",
	}},
	{"io_uring_probe", reflect.TypeFor[opProbe](), map[string]string{
		"lastOp": "last_op", "opsLen": "ops_len", "ops": "ops[]",
	}},
	{"io_uring_probe_op", reflect.TypeFor[opProbeEntry](), map[string]string{
		"op": "op", "flags": "flags",
	}},
	{"msghdr", reflect.TypeFor[msghdr](), map[string]string{
		"name": "msg_name", "namelen": "msg_namelen", "iov": "msg_iov", "iovlen": "msg_iovlen",
		"control": "msg_control", "controllen": "msg_controllen", "flags": "msg_flags",
	}},
	{"iovec", reflect.TypeFor[iovec](), map[string]string{
		"base": "iov_base", "len": "iov_len",
	}},

	// Of x/sys, for messages and the error queue.
	{"msghdr", reflect.TypeFor[unix.Msghdr](), map[string]string{
		"Name": "msg_name", "Namelen": "msg_namelen", "Iov": "msg_iov", "Iovlen": "msg_iovlen",
		"Control": "msg_control", "Controllen": "msg_controllen", "Flags": "msg_flags",
	}},
	{"mmsghdr", reflect.TypeFor[unix.Mmsghdr](), map[string]string{
		"Hdr": "msg_hdr", "Len": "msg_len",
	}},
	{"iovec", reflect.TypeFor[unix.Iovec](), map[string]string{
		"Base": "iov_base", "Len": "iov_len",
	}},
	{"cmsghdr", reflect.TypeFor[unix.Cmsghdr](), map[string]string{
		"Len": "cmsg_len", "Level": "cmsg_level", "Type": "cmsg_type",
	}},
	{"sockaddr_in", reflect.TypeFor[unix.RawSockaddrInet4](), map[string]string{
		"Family": "sin_family", "Port": "sin_port", "Addr": "sin_addr", "Zero": "sin_zero",
	}},
	{"sockaddr_in6", reflect.TypeFor[unix.RawSockaddrInet6](), map[string]string{
		"Family": "sin6_family", "Port": "sin6_port", "Flowinfo": "sin6_flowinfo", "Addr": "sin6_addr",
		"Scope_id": "sin6_scope_id",
	}},
	{"sock_extended_err", reflect.TypeFor[unix.SockExtendedErr](), map[string]string{
		"Errno": "ee_errno", "Origin": "ee_origin", "Type": "ee_type", "Code": "ee_code", "Pad": "ee_pad",
		"Info": "ee_info", "Data": "ee_data",
	}},
}

// constants are the package's, and those that it takes from x/sys.
var constants = []struct {
	kernel string
	mirror int64
}{
	{"IORING_OP_NOP", int64(OpNop)},
	{"IORING_OP_ASYNC_CANCEL", int64(OpAsyncCancel)},
	{"IORING_OP_READ", int64(OpRead)},
	{"IORING_OP_SEND", int64(OpSend)},
	{"IORING_OP_SEND_ZC", int64(OpSendZC)},
	{"IORING_OP_SENDMSG_ZC", int64(OpSendMsgZC)},
	{"IOSQE_FIXED_FILE", sqeFixedFile}, {"IOSQE_IO_LINK", sqeLink},
	{"IORING_RECVSEND_FIXED_BUF", sendFixedBuf},
	{"IORING_SEND_ZC_REPORT_USAGE", sendZCReportUsage},
	{"IORING_CQE_F_MORE", cqeMore},
	{"IORING_CQE_F_NOTIF", cqeNotif},
	{"IORING_NOTIF_USAGE_ZC_COPIED", notifCopied},

	{"IORING_SETUP_SQPOLL", int64(SetupSQPoll)},
	{"IORING_SETUP_SQ_AFF", int64(SetupSQAffinity)},
	{"IORING_SETUP_CQSIZE", int64(SetupCQSize)},
	{"IORING_SETUP_SUBMIT_ALL", int64(SetupSubmitAll)},
	{"IORING_SETUP_COOP_TASKRUN", int64(SetupCoopTaskrun)},
	{"IORING_SETUP_TASKRUN_FLAG", int64(SetupTaskrunFlag)},
	{"IORING_SETUP_SINGLE_ISSUER", int64(SetupSingleIssuer)},
	{"IORING_SETUP_DEFER_TASKRUN", int64(SetupDeferTaskrun)},
	{"IORING_SETUP_NO_SQARRAY", int64(SetupNoSQArray)},
	{"IORING_FEAT_SINGLE_MMAP", int64(FeatureSingleMmap)},
	{"IORING_FEAT_NODROP", int64(FeatureNoDrop)},
	{"IORING_FEAT_EXT_ARG", int64(FeatureExtArg)},
	{"IORING_OFF_SQ_RING", mmapRings},
	{"IORING_OFF_SQES", mmapSQEs},
	{"IORING_SQ_NEED_WAKEUP", sqNeedWakeup},
	{"IORING_SQ_CQ_OVERFLOW", sqOverflow},
	{"IORING_SQ_TASKRUN", sqTaskrun},

	{"IORING_ENTER_GETEVENTS", enterGetEvents},
	{"IORING_ENTER_SQ_WAKEUP", enterSQWakeup},
	{"IORING_ENTER_EXT_ARG", enterExtArg},
	{"IORING_ENTER_REGISTERED_RING", enterRegisteredRing},

	{"IORING_REGISTER_BUFFERS", registerBuffers},
	{"IORING_UNREGISTER_BUFFERS", unregisterBuffers},
	{"IORING_REGISTER_FILES", registerFiles},
	{"IORING_UNREGISTER_FILES", unregisterFiles},
	{"IORING_REGISTER_FILES_UPDATE", registerFilesUpdate},
	{"IORING_REGISTER_PROBE", registerProbe},
	{"IORING_REGISTER_RING_FDS", registerRingFDs},
	{"IORING_UNREGISTER_RING_FDS", unregisterRingFDs},
	{"IO_URING_OP_SUPPORTED", opSupported},

	{"AF_INET", unix.AF_INET},
	{"AF_INET6", unix.AF_INET6},
	{"MSG_DONTWAIT", unix.MSG_DONTWAIT},
	{"MSG_ERRQUEUE", unix.MSG_ERRQUEUE},
	{"MSG_WAITALL", unix.MSG_WAITALL},
	{"MSG_ZEROCOPY", unix.MSG_ZEROCOPY},
	{"SOL_SOCKET", unix.SOL_SOCKET},
	{"SOL_UDP", unix.SOL_UDP},
	{"SO_ZEROCOPY", unix.SO_ZEROCOPY},
	{"UDP_SEGMENT", unix.UDP_SEGMENT},
	{"SO_EE_ORIGIN_ZEROCOPY", unix.SO_EE_ORIGIN_ZEROCOPY},
	{"SO_EE_CODE_ZEROCOPY_COPIED", unix.SO_EE_CODE_ZEROCOPY_COPIED},
	{"offsetof(io_uring_sqe.addr2)", int64(unsafe.Offsetof(sqe{}.off))}, // one word, two names
	{"offsetof(io_uring_sqe.addr_len)", int64(unsafe.Offsetof(sqe{}.fileIndex))},
	{"offsetof(io_uring_sqe.cancel_flags)", int64(unsafe.Offsetof(sqe{}.msgFlags))},
	{"sizeof(sockaddr_in)", unix.SizeofSockaddrInet4},
	{"sizeof(sockaddr_in6)", unix.SizeofSockaddrInet6},
}

func TestABIStructs(t *testing.T) {
	facts := recordedFacts(t)
	for _, m := range mirrors {
		t.Run(m.mirror.String(), func(t *testing.T) {
			size := m.mirror.Size()
			held := map[string]bool{}
			for f := range m.mirror.Fields() {
				if f.Name == "_" {
					continue // padding; the next field and the size hold it
				}
				c, ok := m.fields[f.Name]
				c, flexible := strings.CutSuffix(c, "[]")
				if !ok {
					t.Errorf("field %s is held to nothing: want its name in struct %s", f.Name, m.kernel)
					continue
				}
				held[f.Name] = true
				facts.hold(t, "offsetof("+m.kernel+"."+c+")", int64(f.Offset))
				if flexible {
					size = f.Offset // to C the array has no size
					continue
				}
				facts.hold(t, "sizeof("+m.kernel+"."+c+")", int64(f.Type.Size()))
			}
			facts.hold(t, "sizeof("+m.kernel+")", int64(size))
			for name := range m.fields {
				if !held[name] {
					t.Errorf("the row has a field %s, the struct has none", name)
				}
			}
		})
	}
}

func TestABIConstants(t *testing.T) {
	facts := recordedFacts(t)
	for _, c := range constants {
		facts.hold(t, c.kernel, c.mirror)
	}
}

// TestABINames holds the names that the package shows to the kernel's. What isn't
// among the constants may go without a name.
func TestABINames(t *testing.T) {
	held := map[string]bool{}
	for _, c := range constants {
		held[c.kernel] = true
	}
	for name, value := range recordedFacts(t) {
		var got, nameless string
		switch {
		case strings.HasPrefix(name, "IORING_OP_"):
			got, nameless = Op(value).String(), "io_uring operation "
		case strings.HasPrefix(name, "IORING_SETUP_"):
			got, nameless = "IORING_SETUP_"+SetupFlags(value).String(), "IORING_SETUP_1<<"
		case strings.HasPrefix(name, "IORING_FEAT_"):
			got, nameless = "IORING_FEAT_"+Features(value).String(), "IORING_FEAT_1<<"
		default:
			continue
		}
		if got != name && (held[name] || !strings.HasPrefix(got, nameless)) {
			t.Errorf("%d is shown as %s, want %s", value, got, name)
		}
	}
}
