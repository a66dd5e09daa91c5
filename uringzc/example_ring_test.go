//go:build linux

package uringzc_test

import (
	"fmt"
	"log"
	"net"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
	"sendbench/uringzc"
)

// A receiver on loopback, and a socket that is connected to it.
func connected() (receiver *net.UDPConn, fd int) {
	receiver, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		log.Fatal(err)
	}
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		log.Fatal(err)
	}
	to := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: receiver.LocalAddr().(*net.UDPAddr).Port}
	if err := unix.Connect(fd, to); err != nil {
		log.Fatal(err)
	}
	return receiver, fd
}

// A zero-copy send, its two events awaited one after the other.
func ExampleRing() {
	receiver, fd := connected()
	defer receiver.Close()
	defer unix.Close(fd)

	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ring, err := uringzc.Open(uringzc.Options{Entries: 8})
	if err != nil {
		log.Fatal(err)
	}
	defer ring.Close()

	buf := []byte("hello")
	op, err := ring.PrepareSendZC(uringzc.Descriptor(fd), uringzc.Bytes(buf), 0, 0)
	if err != nil {
		log.Fatal(err)
	}
	result, err := ring.AwaitResult(op, time.Second)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("sent", result.Res, "bytes, error", result.Err())
	// buf is still the kernel's: the result says that a release follows.
	if result.More() {
		release, err := ring.AwaitRelease(op, time.Second)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("released, copied:", release.Copied()) // on loopback it always is
	}
	// Now buf may be written again.
	copy(buf, "HELLO")

	in := make([]byte, 16)
	n, err := receiver.Read(in)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("received %s\n", in[:n])
	// Output:
	// sent 5 bytes, error <nil>
	// released, copied: true
	// received hello
}

// Batches from a registered slab: each buffer is back in the slab with its
// release, and nothing else has to keep account of it.
func ExampleSlab() {
	const batch, messages = 4, 12
	receiver, fd := connected()
	defer receiver.Close()
	defer unix.Close(fd)

	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ring, err := uringzc.Open(uringzc.Options{Entries: batch})
	if err != nil {
		log.Fatal(err)
	}
	slab, err := uringzc.NewSlab(1500, 2*batch)
	if err != nil {
		log.Fatal(err)
	}
	defer slab.Close()
	defer ring.Close() // first: it brings the last buffers home
	if err := ring.RegisterSlab(slab); err != nil {
		log.Fatal(err)
	}

	sent := 0
	for sent < messages || ring.InFlight() > 0 {
		for range batch {
			lease, ok := slab.Lease()
			if !ok || sent == messages {
				_ = lease.Return() // the zero Lease of an empty slab has nothing to return
				break
			}
			n := copy(lease.Bytes(), fmt.Sprint("message ", sent))
			if _, err := ring.PrepareSendZC(uringzc.Descriptor(fd), lease.Buffer(n), 0, uint64(sent)); err != nil {
				log.Fatal(err)
			}
			sent++
		}
		if _, err := ring.SubmitAndWait(1, time.Second); err != nil {
			log.Fatal(err)
		}
		for c, ok := ring.Next(); ok; c, ok = ring.Next() {
			if err := c.Err(); err != nil {
				log.Fatalf("message %d: %v", c.UserData, err)
			}
		}
	}
	fmt.Println(sent, "sent,", slab.InUse(), "buffers still lent")
	// Output:
	// 12 sent, 0 buffers still lent
}
