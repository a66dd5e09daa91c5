package meter

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sendbench/runner/results"
)

// TestDisturbance reads each machine of testdata and holds the outcome to a golden.
func TestDisturbance(t *testing.T) {
	tests := []struct {
		name    string
		cpu     int
		devices map[int]string
	}{
		{"x86-metal", 3, map[int]string{1: "lo", 2: "eth0", 3: "eth1"}},
		{"x86-vm", 1, map[int]string{1: "lo", 2: "send0"}}, // in a network namespace, with the first one's /sys
		{"x86-microvm", 0, nil},
		{"arm64-cloud", 2, nil},
		{"garbled", 0, nil},
		{"empty", -1, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkGolden(t, tt.name+"-disturbance.json", fixture(t, tt.name).disturbance(tt.cpu, tt.devices))
		})
	}
}

// TestDisturbHere holds what every Linux machine tells.
func TestDisturbHere(t *testing.T) {
	before := Disturb(0)
	if before.TicksPerSecond != TicksPerSecond() || before.BusyTicks <= 0 || before.StolenTicks < 0 || before.StolenTicks > before.BusyTicks {
		t.Errorf("%d ticks busy, %d stolen, %d a second", before.BusyTicks, before.StolenTicks, before.TicksPerSecond)
	}
	if online := len(host.cpuList("sys/devices/system/cpu/online")); len(before.Interrupts) != online {
		t.Errorf("interrupts of %d CPUs, want %d: %v", len(before.Interrupts), online, before.Interrupts)
	}
	after := Disturb(0)
	busy, err := MachineBusy()
	if err != nil || after.BusyTicks < before.BusyTicks || busy < after.BusyTicks {
		t.Errorf("busy ticks %d, %d and then %d, %v", before.BusyTicks, after.BusyTicks, busy, err)
	}
	for cpu, n := range before.Interrupts {
		if n < 0 || after.Interrupts[cpu] < n {
			t.Errorf("%s took %d interrupts and then %d", cpu, n, after.Interrupts[cpu])
		}
	}
	text, err := os.ReadFile("/proc/sys/kernel/timer_migration")
	if want := strings.TrimSpace(string(text)); err == nil && before.Settings["kernel.timer_migration"] != want {
		t.Errorf("settings %v, want kernel.timer_migration %s", before.Settings, want)
	}
}

// TestDisturbInNamespace opens taps on the device of a namespace of its own, and
// finds them by name. The first namespace's devices aren't there.
func TestDisturbInNamespace(t *testing.T) {
	if !inNamespaces(t, unix.CLONE_NEWNET) {
		return
	}
	if taps := Disturb(0).Taps; len(taps) != 0 {
		t.Fatalf("taps in a new namespace: %q", taps)
	}
	self, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSpace(string(self))
	bringUpLo(t) // a tap on a device that is down sees nothing
	openTap(t, unix.ETH_P_ALL, 1)
	openTap(t, unix.ETH_P_IP, 0)
	openTap(t, 0, 1)
	d := Disturb(0)
	if want := []string{name + " on every device, IPv4", name + " on lo, every protocol"}; !slices.Equal(d.Taps, want) {
		t.Errorf("taps %q, want %q", d.Taps, want)
	}
	taps := Taps()
	for _, tap := range taps {
		if !slices.Equal(tap.Programs, []Program{{name, os.Getpid()}}) || tap.SeesSent() != (tap.Device == "lo") {
			t.Errorf("%+v, want it held by this process, and what is sent seen on lo alone", tap)
		}
	}
	if len(taps) != 2 {
		t.Errorf("%d taps, want 2", len(taps))
	}
	if w := strings.Join(Disturbed(d, d, 0, 0), "\n"); !strings.Contains(w, "("+name+" on lo, every protocol)") {
		t.Errorf("warnings %q, want one of the tap", w)
	}
	for setting := range d.Settings {
		if !slices.Contains(knownHere, setting) && !strings.HasPrefix(setting, "lo.") {
			t.Errorf("setting %s is of a device that this namespace hasn't", setting)
		}
	}
}

// knownHere are settings that aren't of a device.
var knownHere = append(slices.Clone(sysctls), "default_smp_affinity", "isolated_cpus", "nohz_full_cpus", coreSiblings, "irqbalance", cgroupMax)

// bringUpLo sets the flag of netdevice(7).
func bringUpLo(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(os.NewSyscallError("socket", err))
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	request.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request); err != nil {
		t.Fatal(os.NewSyscallError("ioctl", err))
	}
}

// openTap opens a packet socket (packet(7)).
func openTap(t *testing.T, protocol uint16, device int) {
	t.Helper()
	wire := binary.NativeEndian.Uint16([]byte{byte(protocol >> 8), byte(protocol)}) // network byte order
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(os.NewSyscallError("socket", err))
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: wire, Ifindex: device}); err != nil {
		t.Fatal(os.NewSyscallError("bind", err))
	}
}

func TestLoad(t *testing.T) {
	for _, text := range []string{"", "x 1 2", "-1 0 0", "NaN 0 0", "Inf 0 0", "1e300 0 0"} {
		if got := machine(map[string]string{"proc/loadavg": text}).load(); got != 0 {
			t.Errorf("%q: load %g, want 0 for unknown", text, got)
		}
	}
	if got := machine(map[string]string{"proc/loadavg": "1.25 0.5 0.1 3/151 16481\n"}).load(); got != 1.25 {
		t.Errorf("load %g, want 1.25", got)
	}
}

func TestQueueMasks(t *testing.T) {
	tests := []struct {
		masks []string
		want  string
	}{
		{nil, ""},
		{[]string{"3"}, "3"},
		{[]string{"0", "0", "0"}, "0"},
		{[]string{"1", "2"}, "q-0=1 q-1=2"},
		{[]string{"1", "", "1"}, "1"},
		{[]string{"1", "2", "1"}, "q-0=1 q-1=2 q-2=1"},
	}
	for _, tt := range tests {
		files := map[string]string{}
		for i, mask := range tt.masks {
			files[fmt.Sprintf("dev/queues/q-%d/mask", i)] = mask
		}
		if got := machine(files).queueMasks("dev", "mask"); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.masks, got, tt.want)
		}
	}
}

func TestDevicesHere(t *testing.T) {
	sys := machine(map[string]string{
		"sys/class/net/lo/ifindex":   "1\n",
		"sys/class/net/eth0/ifindex": "2\n",
		"sys/class/net/bond_masters": "\n",
	})
	tests := []struct {
		name    string
		devices map[int]string
		want    []string
	}{
		{"the same", map[int]string{1: "lo", 2: "eth0"}, []string{"eth0", "lo"}},
		{"another by that number", map[int]string{1: "lo", 2: "send0"}, nil},
		{"another number", map[int]string{1: "lo", 3: "eth0"}, nil},
		{"one more", map[int]string{1: "lo", 2: "eth0", 3: "eth1"}, nil},
		{"one less", map[int]string{1: "lo"}, nil},
		{"unknown", nil, nil},
	}
	for _, tt := range tests {
		if got := sys.devicesHere(tt.devices); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestParseInterrupts(t *testing.T) {
	tests := []struct {
		name, text string
		want       map[string]int64
	}{
		{"empty", "", nil},
		{"no CPU", "\n 1: 5 eth0\n", nil},
		{"no header", " 1: 5 eth0\n", nil},
		{"one CPU", "  CPU0\n  1: 5 IO-APIC eth0\n  2: 6 IO-APIC eth1\n", map[string]int64{"cpu0": 11}},
		{"CPUs with a gap", "CPU0 CPU8\n1: 5 6 eth0\n", map[string]int64{"cpu0": 5, "cpu8": 6}},
		{"no device yet", "CPU0\nNMI: 7\nERR: 1\n", map[string]int64{"cpu0": 0}},
		{"a short line", "CPU0 CPU1\n1: 5\n2: 3 4 eth0\n", map[string]int64{"cpu0": 3, "cpu1": 4}},
		{"a timer", "CPU0\n13: 100 GICv3 27 Level arch_timer\n14: 1 GICv3 eth0\n", map[string]int64{"cpu0": 1}},
		{"words for numbers", "CPU0 CPU1\n1: many 7 eth0\n2: -1 4 eth0\n", map[string]int64{"cpu0": 0, "cpu1": 0}},
	}
	for _, tt := range tests {
		if got := parseInterrupts(tt.text); !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// FuzzParseInterrupts holds that no content panics or counts below zero.
func FuzzParseInterrupts(f *testing.F) {
	f.Add("           CPU0       CPU1\n 24:          1          0  IO-APIC   5-edge      ACPI:Ged\nNMI: 0 0\n")
	f.Add("CPU0\n1: 4294967295\n1: 4294967295 x")
	f.Fuzz(func(t *testing.T, text string) {
		for cpu, n := range parseInterrupts(text) {
			if n < 0 {
				t.Errorf("%q: %d of %s", text, n, cpu)
			}
		}
	})
}

// FuzzParsePacketSockets holds that no content panics, and that what is found
// takes packets.
func FuzzParsePacketSockets(f *testing.F) {
	f.Add("sk RefCnt Type Proto  Iface R Rmem   User   Inode\n0000000000000000 3      3    0003   2     1 0      0      9001\n")
	f.Add("0 0 0 ffff -1 1 0 0 0")
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range parsePacketSockets(text) {
			if s.protocol == 0 || s.inode == "" {
				t.Errorf("%q: %+v", text, s)
			}
		}
	})
}

func BenchmarkDisturb(b *testing.B) {
	var d results.Disturbance
	for b.Loop() {
		d = Disturb(0)
	}
	if d.BusyTicks == 0 {
		b.Error("nothing was read")
	}
}
