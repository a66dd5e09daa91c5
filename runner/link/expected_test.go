package link

import (
	"strings"
	"testing"
)

func TestExpected(t *testing.T) {
	ethernet := Path{Family: 4, MTU: 1500, SuperFrames: true, GSOMaxSize: 65536, GSOMaxSegs: 65535}
	with := func(change func(*Path)) Path {
		p := ethernet
		change(&p)
		return p
	}
	v6 := func(p *Path) { p.Family = 6 }
	software := func(p *Path) { p.SuperFrames = false }
	for _, test := range []struct {
		name          string
		path          Path
		size, segment int
		want          Wire
	}{
		{"least", ethernet, 1, 0, Wire{Frames: 1, Bytes: 43}},
		{"full frame", ethernet, 1472, 0, Wire{Frames: 1, Bytes: 1514}},
		{"full frame, IPv6", with(v6), 1452, 0, Wire{Frames: 1, Bytes: 1514}},
		{"two fragments", ethernet, 1473, 0, Wire{Frames: 2, Bytes: 1514 + 35}},
		{"two fragments, IPv6", with(v6), 1453, 0, Wire{Frames: 2, Bytes: 1453 + 8 + 2*62}},
		{"45 fragments", ethernet, 65507, 0, Wire{Frames: 45, Bytes: 65507 + 8 + 45*34}},
		{"last fragment longer than the others", with(func(p *Path) { p.MTU = 9000 }), 8976 + 8980 - 8, 0, Wire{Frames: 2, Bytes: 8976 + 8980 + 2*34}},
		{"one byte more", with(func(p *Path) { p.MTU = 9000 }), 8976 + 8980 - 7, 0, Wire{Frames: 3, Bytes: 8976 + 8981 + 3*34}},
		{"segment not shorter", ethernet, 1472, 1472, Wire{Frames: 1, Bytes: 1514}},
		{"super-frame", ethernet, 64000, 1472, Wire{Frames: 1, Bytes: 64042}},
		{"super-frame, IPv6", with(v6), 64000, 1452, Wire{Frames: 1, Bytes: 64062}},
		{"longest super-frame", ethernet, 65493, 1472, Wire{Frames: 1, Bytes: 65535}},
		{"too long for the device", ethernet, 65494, 1472, Wire{Frames: 45, Bytes: 65494 + 45*42}},
		{"no limit", with(func(p *Path) { p.GSOMaxSize = 0 }), 65494, 1472, Wire{Frames: 1, Bytes: 65536}},
		{"as many segments as the device takes", with(func(p *Path) { p.GSOMaxSegs = 3 }), 3 * 1472, 1472, Wire{Frames: 1, Bytes: 3*1472 + 42}},
		{"too many", with(func(p *Path) { p.GSOMaxSegs = 3 }), 3*1472 + 1, 1472, Wire{Frames: 4, Bytes: 3*1472 + 1 + 4*42}},
		{"in software", with(software), 64000, 1472, Wire{Frames: 44, Bytes: 64000 + 44*42}},
		{"segment fits though it is longer than a frame holds", ethernet, 100, 60000, Wire{Frames: 1, Bytes: 142}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Expected(test.path, test.size, test.segment)
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestExpectedRefuses(t *testing.T) {
	for _, test := range []struct {
		path          Path
		size, segment int
		want          string
	}{
		{Path{Family: 5, MTU: 1500}, 1, 0, "4 or 6"},
		{Path{Family: 4, MTU: 67}, 1, 0, "68 or more"},
		{Path{Family: 6, MTU: 1279}, 1, 0, "1280 or more"},
		{Path{Family: 4, MTU: 1500}, 0, 0, "1 to 65507"},
		{Path{Family: 4, MTU: 1500}, 65508, 0, "1 to 65507"},
		{Path{Family: 6, MTU: 1500}, 65528, 0, "1 to 65527"},
		{Path{Family: 4, MTU: 1500}, 100, -1, "0 for off to 65535"},
		{Path{Family: 4, MTU: 1500}, 100, 65536, "0 for off to 65535"},
		{Path{Family: 4, MTU: 1500}, 2000, 1473, "at most 1472"},
		{Path{Family: 6, MTU: 1500}, 2000, 1453, "at most 1452"},
	} {
		_, err := Expected(test.path, test.size, test.segment)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v, %d bytes, segment %d: got %v, want an error with %q", test.path, test.size, test.segment, err, test.want)
		}
	}
}

func TestAutoSegment(t *testing.T) {
	for _, test := range []struct{ family, mtu, want int }{
		{4, 1500, 1472}, {6, 1500, 1452}, {4, 9000, 8972}, {4, 65536, 65508}, {6, 65536, 65488}, {4, 70000, 65535},
	} {
		if got := AutoSegment(test.family, test.mtu); got != test.want {
			t.Errorf("AutoSegment(%d, %d) = %d, want %d", test.family, test.mtu, got, test.want)
		}
	}
}

// FuzzExpected looks for a count that can't be: bytes that aren't the payload
// and whole headers, or frames that don't fit the MTU.
func FuzzExpected(f *testing.F) {
	f.Add(4, 1500, true, int64(65536), int64(65535), 64000, 1472)
	f.Add(6, 1280, false, int64(0), int64(0), 65527, 0)
	f.Add(4, 29, false, int64(0), int64(0), 9, 0)
	f.Fuzz(func(t *testing.T, family, mtu int, super bool, maxSize, maxSegs int64, size, segment int) {
		p := Path{family, mtu, super, maxSize, maxSegs}
		w, err := Expected(p, size, segment)
		if err != nil {
			return
		}
		overhead := w.Bytes - int64(size)
		least := w.Frames*int64(ethernetHeader+ipHeader(family)) + udpHeader
		if w.Frames < 1 || overhead < least {
			t.Errorf("%+v, %d bytes, segment %d: %+v has %d bytes of headers, fewer than %d", p, size, segment, w, overhead, least)
		}
		if w.Frames > 1 && w.Bytes > w.Frames*int64(ethernetHeader+mtu) {
			t.Errorf("%+v, %d bytes, segment %d: %+v is more than fits the MTU", p, size, segment, w)
		}
	})
}
