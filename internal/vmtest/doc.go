// Package vmtest runs sendbench and its tests in virtual machines: on the kernels
// that people run, over the drivers of network cards that QEMU has.
//
// A machine is one kernel of Debian's, an initramfs with a first program of our own
// (package init) and static binaries, and a script of what to run, see package
// guest. What happens in there comes out over a serial line and is judged out here.
// A machine that panics, hangs or ends without its last word has failed, and its
// console is kept. TestMatrix is the way in; without QEMU it skips.
//
//	go test -v -run 'TestMatrix/^6.12$/^virtio_net$' .
//
// So many machines run side by side as -parallel has it, which is the number of CPUs
// unless it is given: one waits much, for links to come up and for timers. They run on
// KVM where a machine comes through there (accelerators), and are emulated elsewhere.
// Each takes a gibibyte of memory at most.
//
// Kernels are downloaded by apt-get(8) under their exact names, unpacked and never
// installed, with package lists of this package's own, so that neither root nor a
// change to the machine's sources is needed. Everything is kept under out/vm of the
// project: what is there is not looked for again.
//
// It isn't built on vimto (lmb.io/vimto), which runs Go tests on a kernel of one's
// choice: that mounts the host's file system over 9p as root, which takes a kernel
// with 9p, virtio and overlayfs built in, and Debian's has them as modules, and it
// has no network cards, which are the point here.
package vmtest
