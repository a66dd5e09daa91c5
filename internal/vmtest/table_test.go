package vmtest

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTable(t *testing.T) {
	const old = `the kernel has no IORING_OP_SEND_ZC | needs Linux 6.0
or *later*`
	got := Table([]string{"write", "sendmmsg-zc", "uring-sendzc"}, []Row{
		{Kernel: "5.10.0-46-amd64", Driver: "veth (sink)", Outcomes: map[string]Outcome{
			"write": {Word: Sent}, "sendmmsg-zc": {Word: ZeroCopy}, "uring-sendzc": {Unsupported, old},
		}},
		{Kernel: "6.1.0-56-amd64", Driver: "e1000e", Outcomes: map[string]Outcome{
			"write": {Word: Sent}, "sendmmsg-zc": {Word: Copied}, "uring-sendzc": {Word: Unreported},
		}},
		{Kernel: "5.10.0-46-amd64", Driver: "vmxnet3", Outcomes: map[string]Outcome{
			"write": {Word: Sent}, "sendmmsg-zc": {Unsupported, "forbidden by <somebody>"}, "uring-sendzc": {Unsupported, old},
		}},
		{Kernel: "6.12.117+deb12-amd64", Driver: "igb", Fault: "this QEMU has no igb"},
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
