package vmtest

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sendbench/runner/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTable(t *testing.T) {
	const alone = "tx-scatter-gather is off on the device"
	const old = `the kernel has no IORING_OP_SEND_ZC | needs Linux 6.0
or *later*`
	got := Table([]string{"write", "sendmmsg-zc", "uring-sendzc"}, []Row{
		{Kernel: "5.10.262-1", Driver: "veth", Outcomes: map[string]Outcome{
			"write": {Word: Sent}, "sendmmsg-zc": {Word: ZeroCopy}, "uring-sendzc": {Unsupported, old},
		}},
		{Kernel: "6.1.192-2", Driver: "virtio_net", Outcomes: map[string]Outcome{
			"write": {Word: Sent}, "sendmmsg-zc": {Copied, alone}, "uring-sendzc": {Copied, alone},
		}},
		{Kernel: "5.10.262-1", Driver: "vmxnet3", Outcomes: map[string]Outcome{
			"write": {Word: Sent}, "sendmmsg-zc": {Unsupported, "forbidden by <somebody>"}, "uring-sendzc": {Unsupported, old},
		}},
		{Kernel: "5.10.262-1", Driver: "e1000e", Outcomes: map[string]Outcome{ // as veth
			"write": {Word: Sent}, "sendmmsg-zc": {Word: ZeroCopy}, "uring-sendzc": {Unsupported, old},
		}},
		{Kernel: "5.10.262-1", Driver: "e1000", Fault: "no record"}, // of which nothing came, as of none
		{Kernel: "each", Driver: "igb", Fault: "this QEMU has no igb"},
	})
	const golden = "testdata/table.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the table isn't that of %s (-want +got):\n%s", golden, diff)
	}
}

func TestRedraw(t *testing.T) {
	page := "# Title\n\n" + tableBegins + "old\n" + tableEnds + "rest\n"
	for range 2 { // a page that was redrawn can be again
		var err error
		if page, err = Redraw(page, "new\n"); err != nil {
			t.Fatal(err)
		}
		if want := "# Title\n\n" + tableBegins + "\nnew\n\n" + tableEnds + "rest\n"; page != want {
			t.Errorf("%q, want %q", page, want)
		}
	}
	for _, page := range []string{"", tableBegins, tableEnds, tableEnds + tableBegins} {
		if got, err := Redraw(page, "new\n"); err == nil {
			t.Errorf("%q is redrawn as %q without a place for the table", page, got)
		}
	}
}

func TestRelease(t *testing.T) {
	for full, want := range map[string]string{
		"Linux 6.1.0-56-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)": "6.1.192-2",
		"Linux 6.18.44 #1 SMP": "6.1.0-56-amd64",
		"":                     "6.1.0-56-amd64",
	} {
		if got := release(results.Environment{Kernel: "6.1.0-56-amd64", KernelFull: full}); got != want {
			t.Errorf("%q: %q, want %q", full, got, want)
		}
	}
}
