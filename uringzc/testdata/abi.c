/*
 * Prints what the kernel's user headers say of the structs and constants that
 * the Go package mirrors: one fact a line, a name and a decimal number, sorted
 * by the bytes of the name. Sizes and offsets are in bytes.
 *
 *	sizeof(io_uring_cqe) 16
 *	offsetof(io_uring_cqe.res) 8
 *	sizeof(io_uring_cqe.res) 4
 *	IORING_CQE_F_MORE 2
 *
 * abi.txt is its output: "make abi" takes the installed headers, and
 * "make abi HEADERS=dir" those that a kernel's "make headers_install" put in
 * dir. It compiles with the headers of Linux 6.1 or later; abi.txt wants 6.12 or
 * later, which have all that the package mirrors. Macros that the headers lack
 * are left out by their names; enumerators and fields can't be asked for, so
 * that no enumerator here is younger than 6.1, and a younger field waits for its
 * release.
 *
 * Where the headers leave a struct or constant to the C library (msghdr,
 * sockaddr_in, SOL_UDP), the fact is the library's.
 */
#define _GNU_SOURCE

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <linux/errqueue.h>
#include <linux/io_uring.h>
#include <linux/version.h>

/* amd64 and arm64 have all facts in common. With pointers of 32 bits msghdr,
 * iovec and cmsghdr would be others. */
_Static_assert(sizeof(void *) == 8, "the facts are those of 64-bit systems");

struct fact {
	const char *name;
	long long value;
};

#define CONSTANT(name) { #name, (long long)(name) }
#define STRUCT(type) { "sizeof(" #type ")", sizeof(struct type) }
#define OFFSET(type, field) { "offsetof(" #type "." #field ")", offsetof(struct type, field) }
#define FIELD(type, field) \
	OFFSET(type, field), { "sizeof(" #type "." #field ")", sizeof(((struct type *)0)->field) }

static struct fact facts[] = {
	/* The submission queue's entry. Fields of one union lie on each other. */
	STRUCT(io_uring_sqe),
	FIELD(io_uring_sqe, opcode), FIELD(io_uring_sqe, flags), FIELD(io_uring_sqe, ioprio),
	FIELD(io_uring_sqe, fd), FIELD(io_uring_sqe, off), FIELD(io_uring_sqe, addr2),
	FIELD(io_uring_sqe, addr), FIELD(io_uring_sqe, len), FIELD(io_uring_sqe, msg_flags),
	FIELD(io_uring_sqe, poll32_events), FIELD(io_uring_sqe, timeout_flags),
	FIELD(io_uring_sqe, cancel_flags), FIELD(io_uring_sqe, msg_ring_flags),
	FIELD(io_uring_sqe, user_data), FIELD(io_uring_sqe, buf_index),
	FIELD(io_uring_sqe, buf_group), FIELD(io_uring_sqe, personality),
	FIELD(io_uring_sqe, file_index), FIELD(io_uring_sqe, addr_len), FIELD(io_uring_sqe, addr3),

	CONSTANT(IOSQE_FIXED_FILE), CONSTANT(IOSQE_IO_DRAIN), CONSTANT(IOSQE_IO_LINK),
	CONSTANT(IOSQE_IO_HARDLINK), CONSTANT(IOSQE_ASYNC), CONSTANT(IOSQE_BUFFER_SELECT),
	CONSTANT(IOSQE_CQE_SKIP_SUCCESS),

	CONSTANT(IORING_OP_NOP), CONSTANT(IORING_OP_POLL_ADD), CONSTANT(IORING_OP_SENDMSG),
	CONSTANT(IORING_OP_TIMEOUT), CONSTANT(IORING_OP_ASYNC_CANCEL),
	CONSTANT(IORING_OP_LINK_TIMEOUT), CONSTANT(IORING_OP_READ), CONSTANT(IORING_OP_WRITE),
	CONSTANT(IORING_OP_SEND), CONSTANT(IORING_OP_RECV), CONSTANT(IORING_OP_MSG_RING),
	CONSTANT(IORING_OP_SEND_ZC), CONSTANT(IORING_OP_SENDMSG_ZC),

	CONSTANT(IORING_RECVSEND_POLL_FIRST), CONSTANT(IORING_RECV_MULTISHOT),
	CONSTANT(IORING_RECVSEND_FIXED_BUF),
#ifdef IORING_SEND_ZC_REPORT_USAGE
	CONSTANT(IORING_SEND_ZC_REPORT_USAGE), CONSTANT(IORING_NOTIF_USAGE_ZC_COPIED),
#endif
#ifdef IORING_SEND_VECTORIZED
	CONSTANT(IORING_SEND_VECTORIZED),
#endif

	CONSTANT(IORING_ASYNC_CANCEL_ALL), CONSTANT(IORING_ASYNC_CANCEL_FD),
	CONSTANT(IORING_ASYNC_CANCEL_ANY), CONSTANT(IORING_ASYNC_CANCEL_FD_FIXED),
#ifdef IORING_ASYNC_CANCEL_OP
	CONSTANT(IORING_ASYNC_CANCEL_USERDATA), CONSTANT(IORING_ASYNC_CANCEL_OP),
#endif

	CONSTANT(IORING_POLL_ADD_MULTI), CONSTANT(IORING_TIMEOUT_ABS),
	CONSTANT(IORING_TIMEOUT_ETIME_SUCCESS), CONSTANT(IORING_MSG_DATA),
	CONSTANT(IORING_MSG_RING_CQE_SKIP),

	/* The completion queue's entry. */
	STRUCT(io_uring_cqe),
	FIELD(io_uring_cqe, user_data), FIELD(io_uring_cqe, res), FIELD(io_uring_cqe, flags),

	CONSTANT(IORING_CQE_F_BUFFER), CONSTANT(IORING_CQE_F_MORE),
	CONSTANT(IORING_CQE_F_SOCK_NONEMPTY), CONSTANT(IORING_CQE_F_NOTIF),
#ifdef IORING_CQE_F_BUF_MORE
	CONSTANT(IORING_CQE_F_BUF_MORE),
#endif
#ifdef IORING_CQE_F_SKIP
	CONSTANT(IORING_CQE_F_SKIP), CONSTANT(IORING_CQE_F_32),
#endif

	/* io_uring_setup(2) and the mappings of a ring. */
	STRUCT(io_uring_params),
	FIELD(io_uring_params, sq_entries), FIELD(io_uring_params, cq_entries),
	FIELD(io_uring_params, flags), FIELD(io_uring_params, sq_thread_cpu),
	FIELD(io_uring_params, sq_thread_idle), FIELD(io_uring_params, features),
	FIELD(io_uring_params, wq_fd), FIELD(io_uring_params, resv), FIELD(io_uring_params, sq_off),
	FIELD(io_uring_params, cq_off),

	STRUCT(io_sqring_offsets),
	FIELD(io_sqring_offsets, head), FIELD(io_sqring_offsets, tail),
	FIELD(io_sqring_offsets, ring_mask), FIELD(io_sqring_offsets, ring_entries),
	FIELD(io_sqring_offsets, flags), FIELD(io_sqring_offsets, dropped),
	FIELD(io_sqring_offsets, array), FIELD(io_sqring_offsets, resv1),

	STRUCT(io_cqring_offsets),
	FIELD(io_cqring_offsets, head), FIELD(io_cqring_offsets, tail),
	FIELD(io_cqring_offsets, ring_mask), FIELD(io_cqring_offsets, ring_entries),
	FIELD(io_cqring_offsets, overflow), FIELD(io_cqring_offsets, cqes),
	FIELD(io_cqring_offsets, flags), FIELD(io_cqring_offsets, resv1),
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	FIELD(io_sqring_offsets, user_addr), FIELD(io_cqring_offsets, user_addr),
#endif

	CONSTANT(IORING_OFF_SQ_RING), CONSTANT(IORING_OFF_CQ_RING), CONSTANT(IORING_OFF_SQES),

	CONSTANT(IORING_SQ_NEED_WAKEUP), CONSTANT(IORING_SQ_CQ_OVERFLOW),
	CONSTANT(IORING_SQ_TASKRUN), CONSTANT(IORING_CQ_EVENTFD_DISABLED),

	CONSTANT(IORING_SETUP_IOPOLL), CONSTANT(IORING_SETUP_SQPOLL), CONSTANT(IORING_SETUP_SQ_AFF),
	CONSTANT(IORING_SETUP_CQSIZE), CONSTANT(IORING_SETUP_CLAMP),
	CONSTANT(IORING_SETUP_ATTACH_WQ), CONSTANT(IORING_SETUP_R_DISABLED),
	CONSTANT(IORING_SETUP_SUBMIT_ALL), CONSTANT(IORING_SETUP_COOP_TASKRUN),
	CONSTANT(IORING_SETUP_TASKRUN_FLAG), CONSTANT(IORING_SETUP_SQE128),
	CONSTANT(IORING_SETUP_CQE32), CONSTANT(IORING_SETUP_SINGLE_ISSUER),
	CONSTANT(IORING_SETUP_DEFER_TASKRUN),
#ifdef IORING_SETUP_NO_MMAP
	CONSTANT(IORING_SETUP_NO_MMAP), CONSTANT(IORING_SETUP_REGISTERED_FD_ONLY),
#endif
#ifdef IORING_SETUP_NO_SQARRAY
	CONSTANT(IORING_SETUP_NO_SQARRAY),
#endif
#ifdef IORING_SETUP_HYBRID_IOPOLL
	CONSTANT(IORING_SETUP_HYBRID_IOPOLL),
#endif
#ifdef IORING_SETUP_CQE_MIXED
	CONSTANT(IORING_SETUP_CQE_MIXED),
#endif

	CONSTANT(IORING_FEAT_SINGLE_MMAP), CONSTANT(IORING_FEAT_NODROP),
	CONSTANT(IORING_FEAT_SUBMIT_STABLE), CONSTANT(IORING_FEAT_RW_CUR_POS),
	CONSTANT(IORING_FEAT_CUR_PERSONALITY), CONSTANT(IORING_FEAT_FAST_POLL),
	CONSTANT(IORING_FEAT_POLL_32BITS), CONSTANT(IORING_FEAT_SQPOLL_NONFIXED),
	CONSTANT(IORING_FEAT_EXT_ARG), CONSTANT(IORING_FEAT_NATIVE_WORKERS),
	CONSTANT(IORING_FEAT_RSRC_TAGS), CONSTANT(IORING_FEAT_CQE_SKIP),
	CONSTANT(IORING_FEAT_LINKED_FILE),
#ifdef IORING_FEAT_REG_REG_RING
	CONSTANT(IORING_FEAT_REG_REG_RING),
#endif
#ifdef IORING_FEAT_RECVSEND_BUNDLE
	CONSTANT(IORING_FEAT_RECVSEND_BUNDLE), CONSTANT(IORING_RECVSEND_BUNDLE),
#endif
#ifdef IORING_FEAT_MIN_TIMEOUT
	CONSTANT(IORING_FEAT_MIN_TIMEOUT),
#endif
#ifdef IORING_FEAT_RW_ATTR
	CONSTANT(IORING_FEAT_RW_ATTR),
#endif
#ifdef IORING_FEAT_NO_IOWAIT
	CONSTANT(IORING_FEAT_NO_IOWAIT), CONSTANT(IORING_ENTER_NO_IOWAIT),
#endif

	/* io_uring_enter(2). */
	STRUCT(io_uring_getevents_arg),
	FIELD(io_uring_getevents_arg, sigmask), FIELD(io_uring_getevents_arg, sigmask_sz),
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	FIELD(io_uring_getevents_arg, min_wait_usec),
#endif
	FIELD(io_uring_getevents_arg, ts),

	STRUCT(__kernel_timespec),
	FIELD(__kernel_timespec, tv_sec), FIELD(__kernel_timespec, tv_nsec),

	CONSTANT(IORING_ENTER_GETEVENTS), CONSTANT(IORING_ENTER_SQ_WAKEUP),
	CONSTANT(IORING_ENTER_SQ_WAIT), CONSTANT(IORING_ENTER_EXT_ARG),
	CONSTANT(IORING_ENTER_REGISTERED_RING),
#ifdef IORING_ENTER_ABS_TIMER
	CONSTANT(IORING_ENTER_ABS_TIMER),
#endif

	/* io_uring_register(2). */
	STRUCT(io_uring_rsrc_register),
	FIELD(io_uring_rsrc_register, nr), FIELD(io_uring_rsrc_register, flags),
	FIELD(io_uring_rsrc_register, resv2), FIELD(io_uring_rsrc_register, data),
	FIELD(io_uring_rsrc_register, tags),

	STRUCT(io_uring_rsrc_update),
	FIELD(io_uring_rsrc_update, offset), FIELD(io_uring_rsrc_update, resv),
	FIELD(io_uring_rsrc_update, data),

	STRUCT(io_uring_rsrc_update2),
	FIELD(io_uring_rsrc_update2, offset), FIELD(io_uring_rsrc_update2, resv),
	FIELD(io_uring_rsrc_update2, data), FIELD(io_uring_rsrc_update2, tags),
	FIELD(io_uring_rsrc_update2, nr), FIELD(io_uring_rsrc_update2, resv2),

	STRUCT(io_uring_files_update),
	FIELD(io_uring_files_update, offset), FIELD(io_uring_files_update, resv),
	FIELD(io_uring_files_update, fds),

	STRUCT(io_uring_probe),
	FIELD(io_uring_probe, last_op), FIELD(io_uring_probe, ops_len), FIELD(io_uring_probe, resv),
	FIELD(io_uring_probe, resv2),
	OFFSET(io_uring_probe, ops), /* a flexible array, which has no size */

	STRUCT(io_uring_probe_op),
	FIELD(io_uring_probe_op, op), FIELD(io_uring_probe_op, resv),
	FIELD(io_uring_probe_op, flags), FIELD(io_uring_probe_op, resv2),

	STRUCT(io_uring_sync_cancel_reg),
	FIELD(io_uring_sync_cancel_reg, addr), FIELD(io_uring_sync_cancel_reg, fd),
	FIELD(io_uring_sync_cancel_reg, flags), FIELD(io_uring_sync_cancel_reg, timeout),
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	FIELD(io_uring_sync_cancel_reg, opcode),
#endif

	CONSTANT(IORING_REGISTER_BUFFERS), CONSTANT(IORING_UNREGISTER_BUFFERS),
	CONSTANT(IORING_REGISTER_FILES), CONSTANT(IORING_UNREGISTER_FILES),
	CONSTANT(IORING_REGISTER_EVENTFD), CONSTANT(IORING_UNREGISTER_EVENTFD),
	CONSTANT(IORING_REGISTER_FILES_UPDATE), CONSTANT(IORING_REGISTER_PROBE),
	CONSTANT(IORING_REGISTER_ENABLE_RINGS), CONSTANT(IORING_REGISTER_FILES2),
	CONSTANT(IORING_REGISTER_FILES_UPDATE2), CONSTANT(IORING_REGISTER_BUFFERS2),
	CONSTANT(IORING_REGISTER_BUFFERS_UPDATE), CONSTANT(IORING_REGISTER_IOWQ_MAX_WORKERS),
	CONSTANT(IORING_REGISTER_RING_FDS), CONSTANT(IORING_UNREGISTER_RING_FDS),
	CONSTANT(IORING_REGISTER_SYNC_CANCEL), CONSTANT(IORING_RSRC_REGISTER_SPARSE),
	CONSTANT(IORING_REGISTER_FILES_SKIP), CONSTANT(IO_URING_OP_SUPPORTED),

	/* sendmsg(2) and sendmmsg(2). */
	STRUCT(msghdr),
	FIELD(msghdr, msg_name), FIELD(msghdr, msg_namelen), FIELD(msghdr, msg_iov),
	FIELD(msghdr, msg_iovlen), FIELD(msghdr, msg_control), FIELD(msghdr, msg_controllen),
	FIELD(msghdr, msg_flags),

	STRUCT(mmsghdr),
	FIELD(mmsghdr, msg_hdr), FIELD(mmsghdr, msg_len),

	STRUCT(iovec),
	FIELD(iovec, iov_base), FIELD(iovec, iov_len),

	STRUCT(cmsghdr),
	FIELD(cmsghdr, cmsg_len), FIELD(cmsghdr, cmsg_level), FIELD(cmsghdr, cmsg_type),

	STRUCT(sockaddr_in),
	FIELD(sockaddr_in, sin_family), FIELD(sockaddr_in, sin_port), FIELD(sockaddr_in, sin_addr),
	FIELD(sockaddr_in, sin_zero),

	STRUCT(sockaddr_in6),
	FIELD(sockaddr_in6, sin6_family), FIELD(sockaddr_in6, sin6_port),
	FIELD(sockaddr_in6, sin6_flowinfo), FIELD(sockaddr_in6, sin6_addr),
	FIELD(sockaddr_in6, sin6_scope_id),

	STRUCT(sockaddr_storage),

	CONSTANT(AF_INET), CONSTANT(AF_INET6), CONSTANT(SOL_SOCKET), CONSTANT(SOL_UDP),
	CONSTANT(SO_ZEROCOPY), CONSTANT(UDP_SEGMENT), CONSTANT(MSG_DONTWAIT),
	CONSTANT(MSG_ERRQUEUE), CONSTANT(MSG_NOSIGNAL), CONSTANT(MSG_WAITALL),
	CONSTANT(MSG_ZEROCOPY),

	/* The error queue of MSG_ZEROCOPY. */
	STRUCT(sock_extended_err),
	FIELD(sock_extended_err, ee_errno), FIELD(sock_extended_err, ee_origin),
	FIELD(sock_extended_err, ee_type), FIELD(sock_extended_err, ee_code),
	FIELD(sock_extended_err, ee_pad), FIELD(sock_extended_err, ee_info),
	FIELD(sock_extended_err, ee_data),

	CONSTANT(SO_EE_ORIGIN_NONE), CONSTANT(SO_EE_ORIGIN_LOCAL), CONSTANT(SO_EE_ORIGIN_ICMP),
	CONSTANT(SO_EE_ORIGIN_ICMP6), CONSTANT(SO_EE_ORIGIN_ZEROCOPY),
	CONSTANT(SO_EE_CODE_ZEROCOPY_COPIED),
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct fact *)a)->name, ((const struct fact *)b)->name);
}

int main(void)
{
	size_t n = sizeof(facts) / sizeof(facts[0]);

	qsort(facts, n, sizeof(facts[0]), by_name);
	printf("# From the headers of Linux %d.%d.%d, by abi.c; make abi.\n",
	       LINUX_VERSION_MAJOR, LINUX_VERSION_PATCHLEVEL, LINUX_VERSION_SUBLEVEL);
	for (size_t i = 0; i < n; i++)
		printf("%s %lld\n", facts[i].name, facts[i].value);
	return 0;
}
