package nic

import (
	"slices"
	"strings"
	"testing"
)

func TestParseProfile(t *testing.T) {
	tests := []struct{ in, canonical string }{
		{"default", "default"},
		{"mtu=9000", "mtu=9000"},
		{"mtu=09000", "mtu=9000"},
		{"tx-udp-segmentation=off", "tx-udp-segmentation=off"},
		{"tx-udp-segmentation=off,mtu=9000", "mtu=9000,tx-udp-segmentation=off"},
		{"ring.tx=512,channels.combined=4,coalesce.tx-usecs=0", "channels.combined=4,coalesce.tx-usecs=0,ring.tx=512"},
		{"gso_max_segs=64,gso_max_size=65536,txqueuelen=0", "gso_max_segs=64,gso_max_size=65536,txqueuelen=0"},
		{"txqueuelen=4294967295", "txqueuelen=4294967295"},
		{"qdisc=pfifo_fast,mtu=9000", "mtu=9000,qdisc=pfifo_fast"},
	}
	for _, tt := range tests {
		p, err := ParseProfile(tt.in)
		if err != nil {
			t.Errorf("ParseProfile(%q): %v", tt.in, err)
			continue
		}
		if got := p.String(); got != tt.canonical {
			t.Errorf("ParseProfile(%q) = %q, want %q", tt.in, got, tt.canonical)
		}
	}
}

func TestParseProfileRefuses(t *testing.T) {
	tests := []struct{ in, says string }{
		{"", "empty: write default"},
		{",", "nothing between two commas"},
		{"mtu=9000,", "nothing between two commas or at an end"},
		{"default,mtu=9000", "default stands alone"},
		{"mtu", `"mtu" has no value: write name=value`},
		{"=9000", "value stands without a name"},
		{"mtu=", "mtu has an empty value: write mtu=9000"},
		{"tx-udp-segmentation=", "write tx-udp-segmentation=off"},
		{"mtu=big", "decimal number from 68"},
		{"mtu=-1", "decimal number from 68"},
		{"mtu=67", "decimal number from 68"},
		{"mtu=0x2000", "decimal number"},
		{"txqueuelen=4294967296", "to 4294967295"},
		{"mtu=9000,mtu=1500", "mtu is set twice"},
		{"tx-udp-segmentation=1", "which is on or off"},
		{"qdisc=", "write qdisc=pfifo"},
		{"qdisc=fq/codel", "a kind has up to 15 lower-case letters"},
		{"qdisc=PFIFO", "a kind has up to 15 lower-case letters"},
		{"qdisc=pfifo-fast", "a kind has up to 15 lower-case letters"},
		{"qdisc=sixteen_letters_", "a kind has up to 15 lower-case letters"},
		{"qdisc=pfifo,qdisc=mq", "qdisc is set twice"},
		{"mtx=9000", "settings with a number are mtu,"},
		{"ring.txx=4", "ring has ring.rx, ring.rx-mini, ring.rx-jumbo, ring.tx"},
		{"rings.tx=4", "before the dot stands ring, channels or coalesce"},
		{"mtu=9000, tx-udp-segmentation=off", "has a space in it"},
		{"TSO=off", `has 'T' in it`},
		{"tx\x00=off", `has '\x00' in it`},
	}
	for _, tt := range tests {
		p, err := ParseProfile(tt.in)
		if err == nil {
			t.Errorf("ParseProfile(%q) = %v, want an error", tt.in, p)
			continue
		}
		if !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("ParseProfile(%q): %q, want one line with %q", tt.in, err, tt.says)
		}
	}
}

func TestProfilesCompareEqual(t *testing.T) {
	a, errA := ParseProfile("mtu=9000,ring.tx=64")
	b, errB := ParseProfile("ring.tx=0064,mtu=9000")
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if a != b {
		t.Errorf("%q != %q", a, b)
	}
	if zero, _ := ParseProfile(Default); zero != (Profile{}) || zero == a {
		t.Errorf("the default profile is %#v, want the zero one", zero)
	}
}

func TestNumberedSettingsAreParsed(t *testing.T) {
	for _, name := range NumberedSettings() {
		p, err := ParseProfile(name + "=100")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := []Setting{{name, "100"}}; !slices.Equal(p.Settings(), want) {
			t.Errorf("%s: settings %v, want %v", name, p.Settings(), want)
		}
	}
}

// FuzzParseProfile holds that no text panics, and that what is read writes
// itself in a form that reads back as the same profile.
func FuzzParseProfile(f *testing.F) {
	for _, seed := range []string{"default", "", "mtu=9000", "a=on,b=off", "ring.tx=1,,", "=", "coalesce.tx-usecs=8,mtu=068", "qdisc=mq", "tx-\xff=on"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseProfile(s)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: error of more than one line: %v", s, err)
			}
			return
		}
		again, err := ParseProfile(p.String())
		if err != nil || again != p {
			t.Errorf("%q: %q reads back as %q, %v", s, p, again, err)
		}
		if names := p.Settings(); !slices.IsSortedFunc(names, func(a, b Setting) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%q: settings out of order: %v", s, names)
		}
	})
}
