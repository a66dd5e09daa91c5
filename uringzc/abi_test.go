//go:build linux

package uringzc

import (
	"testing"
	"unsafe"
)

// TestABI holds the structs to include/uapi/linux/io_uring.h. The figures were
// taken from the header with sizeof and offsetof in C.
func TestABI(t *testing.T) {
	var (
		e sqe
		c cqe
		p setupParams
		s sqOffsets
		q cqOffsets
		a getEventsArg
		u resourceUpdate
		o opProbe
		i opProbeEntry
	)
	for _, tt := range []struct {
		name string
		got  uintptr
		want uintptr
	}{
		{"sizeof io_uring_sqe", unsafe.Sizeof(e), 64},
		{"sqe.opcode", unsafe.Offsetof(e.opcode), 0},
		{"sqe.flags", unsafe.Offsetof(e.flags), 1},
		{"sqe.ioprio", unsafe.Offsetof(e.ioprio), 2},
		{"sqe.fd", unsafe.Offsetof(e.fd), 4},
		{"sqe.off", unsafe.Offsetof(e.off), 8},
		{"sqe.addr", unsafe.Offsetof(e.addr), 16},
		{"sqe.len", unsafe.Offsetof(e.len), 24},
		{"sqe.msg_flags", unsafe.Offsetof(e.msgFlags), 28},
		{"sqe.user_data", unsafe.Offsetof(e.userData), 32},
		{"sqe.buf_index", unsafe.Offsetof(e.bufIndex), 40},
		{"sqe.personality", unsafe.Offsetof(e.personality), 42},
		{"sqe.file_index", unsafe.Offsetof(e.fileIndex), 44},
		{"sqe.addr3", unsafe.Offsetof(e.addr3), 48},
		{"sizeof io_uring_cqe", unsafe.Sizeof(c), 16},
		{"cqe.user_data", unsafe.Offsetof(c.userData), 0},
		{"cqe.res", unsafe.Offsetof(c.res), 8},
		{"cqe.flags", unsafe.Offsetof(c.flags), 12},
		{"sizeof io_uring_params", unsafe.Sizeof(p), 120},
		{"params.flags", unsafe.Offsetof(p.flags), 8},
		{"params.sq_thread_cpu", unsafe.Offsetof(p.sqThreadCPU), 12},
		{"params.sq_thread_idle", unsafe.Offsetof(p.sqThreadIdle), 16},
		{"params.features", unsafe.Offsetof(p.features), 20},
		{"params.wq_fd", unsafe.Offsetof(p.wqFD), 24},
		{"params.sq_off", unsafe.Offsetof(p.sqOff), 40},
		{"params.cq_off", unsafe.Offsetof(p.cqOff), 80},
		{"sizeof io_sqring_offsets", unsafe.Sizeof(s), 40},
		{"sq_off.flags", unsafe.Offsetof(s.flags), 16},
		{"sq_off.array", unsafe.Offsetof(s.array), 24},
		{"sq_off.user_addr", unsafe.Offsetof(s.userAddr), 32},
		{"sizeof io_cqring_offsets", unsafe.Sizeof(q), 40},
		{"cq_off.overflow", unsafe.Offsetof(q.overflow), 16},
		{"cq_off.cqes", unsafe.Offsetof(q.cqes), 20},
		{"cq_off.flags", unsafe.Offsetof(q.flags), 24},
		{"cq_off.user_addr", unsafe.Offsetof(q.userAddr), 32},
		{"sizeof io_uring_getevents_arg", unsafe.Sizeof(a), 24},
		{"getevents_arg.sigmask_sz", unsafe.Offsetof(a.sigmaskSize), 8},
		{"getevents_arg.ts", unsafe.Offsetof(a.timespec), 16},
		{"sizeof __kernel_timespec", unsafe.Sizeof(kernelTimespec{}), 16},
		{"sizeof io_uring_rsrc_update", unsafe.Sizeof(u), 16},
		{"rsrc_update.data", unsafe.Offsetof(u.data), 8},
		{"probe.ops", unsafe.Offsetof(o.ops), 16},
		{"sizeof io_uring_probe_op", unsafe.Sizeof(i), 8},
		{"probe_op.flags", unsafe.Offsetof(i.flags), 2},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %d, want %d", tt.name, tt.got, tt.want)
		}
	}
}
