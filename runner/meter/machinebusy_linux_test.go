package meter

import (
	"runtime"
	"testing"
	"time"
)

func TestParseBusy(t *testing.T) {
	tests := []struct {
		name, stat string
		ticks      int64
		stolen     int64
		ok         bool
	}{
		{"all columns", "cpu  100 20 3 9999 8888 400 50 6 70 80\ncpu0 1 1 1 1\n", 100 + 20 + 3 + 400 + 50 + 6, 6, true},
		{"kernel before 2.6.33, no guest", "cpu  1 2 3 4 5 6 7 8\n", 1 + 2 + 3 + 6 + 7 + 8, 8, true},
		{"four columns", "cpu 1 2 3 4", 6, 0, true},
		{"three columns", "cpu 1 2 3", 0, 0, false},
		{"one CPU's line", "cpu0 1 2 3 4", 0, 0, false},
		{"empty", "", 0, 0, false},
		{"no number", "cpu 1 x 3 4", 0, 0, false},
		{"negative", "cpu 1 -2 3 4", 0, 0, false},
		{"over 64 bits", "cpu 1 99999999999999999999 3 4", 0, 0, false},
		{"sum over 64 bits", "cpu 9223372036854775807 1 3 4", 0, 0, false},
		{"numbers on a second line", "cpu 1 2\n 3 4", 0, 0, false},
	}
	for _, tt := range tests {
		ticks, stolen, err := parseBusy([]byte(tt.stat))
		if (err == nil) != tt.ok || ticks != tt.ticks || stolen != tt.stolen {
			t.Errorf("%s: %d, stolen %d, %v; want %d, stolen %d, ok %t", tt.name, ticks, stolen, err, tt.ticks, tt.stolen, tt.ok)
		}
	}
}

// FuzzParseBusy holds that no content panics or counts below zero, and that no
// more is stolen than is busy.
func FuzzParseBusy(f *testing.F) {
	f.Add([]byte("cpu  100 20 3 9999 8888 400 50 6 70 80\ncpu0 1 1 1 1\n"))
	f.Add([]byte("cpu  "))
	f.Fuzz(func(t *testing.T, stat []byte) {
		if ticks, stolen, err := parseBusy(stat); stolen < 0 || ticks < stolen || err != nil && ticks != 0 {
			t.Errorf("%q: %d, stolen %d, %v", stat, ticks, stolen, err)
		}
	})
}

// TestMachineBusyGoesOn keeps a CPU busy until the machine's ticks show it.
func TestMachineBusyGoesOn(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin, err := MachineBusy()
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		now, err := MachineBusy()
		if err != nil {
			t.Fatal(err)
		}
		if now > begin {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("10 s of work and no tick counted")
		}
	}
}

func BenchmarkMachineBusy(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := MachineBusy(); err != nil {
			b.Fatal(err)
		}
	}
}
