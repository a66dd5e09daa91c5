//go:build linux

package uringzc

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
)

// BenchmarkConn sends datagrams over loopback, where the kernel copies what is
// said to be zero copy: what can be compared is what the layers add. Nobody reads,
// so that the receiver's share of the work is the same for all: to drop.
func BenchmarkConn(b *testing.B) {
	for _, size := range []int{1400, 64000} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			b.Run("way=write", func(b *testing.B) { benchmarkWrite(b, size) })
			b.Run("way=ring", func(b *testing.B) { benchmarkRing(b, size) })
			for _, goroutines := range []int{1, 8, 64} {
				b.Run(fmt.Sprintf("way=conn/goroutines=%d", goroutines), func(b *testing.B) {
					benchmarkConn(b, size, goroutines)
				})
			}
		})
	}
}

// connectedUDP is a socket connected to one on loopback that nobody reads from.
func connectedUDP(b testing.TB) *net.UDPConn {
	b.Helper()
	receiver, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { receiver.Close() })
	c, err := net.DialUDP("udp4", nil, receiver.LocalAddr().(*net.UDPAddr))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	return c
}

func benchmarkWrite(b *testing.B, size int) {
	c, buf := connectedUDP(b), make([]byte, size)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(buf); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkRing(b *testing.B, size int) {
	const slots = 64
	r := openRing(b, Options{Entries: slots / 2, InFlight: slots})
	c := connectedUDP(b)
	raw, err := c.SyscallConn()
	if err != nil {
		b.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { err = r.RegisterFiles([]int{int(fd)}) }); err != nil {
		b.Fatal(err)
	}
	bufs := make([][]byte, slots)
	for i := range bufs {
		bufs[i] = make([]byte, size)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.ResetTimer()
	for sent, over := 0, 0; over < b.N; {
		for sent < b.N && sent-over < slots {
			if _, err := r.PrepareSendZC(RegisteredFile(0), Bytes(bufs[sent%slots]), 0, 0); err == ErrQueueFull {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			sent++
		}
		if _, err := r.SubmitAndWait(1, patience); err != nil {
			b.Fatal(err)
		}
		for c, ok := r.Next(); ok; c, ok = r.Next() {
			if c.Err() != nil {
				b.Fatal(c.Err())
			}
			if c.Released() {
				over++
			}
		}
	}
}

func benchmarkConn(b *testing.B, size, goroutines int) {
	d := newDriver(b, Options{})
	c, err := d.Conn(connectedUDP(b))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var all sync.WaitGroup
	all.Add(goroutines)
	for i := range goroutines {
		buf := make([]byte, size)
		go func() {
			defer all.Done()
			for range (b.N + i) / goroutines {
				_, release, err := c.SendZC(ctx, buf)
				if err == nil {
					_, err = release.Wait(ctx)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	all.Wait()
}
