//go:build linux

package uringzc_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"time"

	"sendbench/uringzc"
)

// A buffer is sent and, when the kernel has let go of it, used again.
func ExampleConn() {
	receiver, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		log.Fatal(err)
	}
	defer receiver.Close()
	udp, err := net.DialUDP("udp4", nil, receiver.LocalAddr().(*net.UDPAddr))
	if err != nil {
		log.Fatal(err)
	}

	driver, err := uringzc.NewDriver(uringzc.Options{}) // one for all connections
	if err != nil {
		log.Fatal(err)
	}
	defer driver.Close()
	conn, err := driver.Conn(udp)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close() // and udp

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	buf := make([]byte, 100)
	for _, text := range []string{"first", "second"} {
		n, release, err := conn.SendZC(ctx, buf[:copy(buf, text)])
		if err != nil {
			log.Fatal(err)
		}
		usage, err := release.Wait(ctx) // buf is ours again
		if err != nil {
			log.Fatal(err)
		}
		got := make([]byte, 100)
		m, err := receiver.Read(got)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("sent %d bytes, received %q, zero copy: %v\n", n, got[:m], usage == uringzc.UsageZeroCopy)
	}
	// Output:
	// sent 5 bytes, received "first", zero copy: false
	// sent 6 bytes, received "second", zero copy: false
}

// Buffers of a slab need nobody to wait for them: each is back when its send is
// released. Segment has one message sent as datagrams of 1200 bytes.
func ExampleConn_SendMsgZC() {
	receiver, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		log.Fatal(err)
	}
	defer receiver.Close()
	udp, err := net.ListenUDP("udp4", nil)
	if err != nil {
		log.Fatal(err)
	}

	driver, err := uringzc.NewDriver(uringzc.Options{})
	if err != nil {
		log.Fatal(err)
	}
	slab, err := uringzc.NewSlab(3000, 16)
	if err != nil {
		log.Fatal(err)
	}
	defer slab.Close() // after the driver, which waits for releases
	defer driver.Close()
	conn, err := driver.Conn(udp)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	lease, ok := slab.Lease()
	if !ok {
		log.Fatal("every buffer is leased or lent")
	}
	n := copy(lease.Bytes(), make([]byte, 3000)) // fill it
	_, release, err := conn.SendMsgZC(context.Background(), uringzc.Message{
		Buffer:  lease.Buffer(n),
		To:      receiver.LocalAddr().(*net.UDPAddr).AddrPort(),
		Segment: 1200,
	})
	if err != nil {
		log.Fatal(err)
	}
	released := make(chan struct{})
	release.OnRelease(func(uringzc.Usage) { close(released) })
	got := make([]byte, 3000)
	for range 3 {
		n, err := receiver.Read(got)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(n, "bytes")
	}
	<-released
	fmt.Println(slab.InUse(), "buffers in use")
	// Output:
	// 1200 bytes
	// 1200 bytes
	// 600 bytes
	// 0 buffers in use
}
