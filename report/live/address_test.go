package live

import (
	"net"
	"slices"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for _, tt := range []struct{ text, want, says string }{
		{text: "127.0.0.1:0", want: "127.0.0.1:0"},
		{text: "127.8.9.1:8080", want: "127.8.9.1:8080"},
		{text: "[::1]:65535", want: "[::1]:65535"},
		{text: "localhost:80", want: "127.0.0.1:80"},
		{text: "LocalHost:80", want: "127.0.0.1:80"},
		{text: "[::ffff:127.0.0.1]:1", want: "127.0.0.1:1"},
		{text: "0.0.0.0:8080", says: `"0.0.0.0" is not an address of loopback, and the page is served to this machine alone; give 127.0.0.1:8080`},
		{text: ":8080", says: `"" is not an address of loopback`},
		{text: "[::]:0", says: "not an address of loopback"},
		{text: "192.0.2.1:0", says: "not an address of loopback"},
		{text: "[fe80::1%lo]:0", says: "not an address of loopback"},
		{text: "example.org:80", says: `"example.org" is not an address of loopback`},
		{text: "example.org:", says: "give 127.0.0.1:0"},
		{text: "127.0.0.1:", says: `"" is no port; give a number from 0`},
		{text: "127.0.0.1:65536", says: `"65536" is no port`},
		{text: "127.0.0.1:http", says: `"http" is no port`},
		{text: "127.0.0.1", says: `"127.0.0.1" is no address; give one of loopback with a port, such as 127.0.0.1:0`},
		{text: "", says: `"" is no address`},
		{text: "a\nb:1", says: `"a\nb" is not an address`},
	} {
		got, err := ParseAddress(tt.text)
		switch {
		case tt.says == "" && (err != nil || got.addr.String() != tt.want):
			t.Errorf("%q is %v, %v, want %s", tt.text, got.addr, err, tt.want)
		case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%q: error %v, want %q", tt.text, err, tt.says)
		}
	}
}

func TestHosts(t *testing.T) {
	for _, tt := range []struct {
		addr net.TCPAddr
		want []string
	}{
		{net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, []string{"127.0.0.1:8080", "localhost:8080"}},
		{net.TCPAddr{IP: net.IPv6loopback, Port: 80}, []string{"[::1]:80", "localhost:80", "[::1]", "localhost"}},
	} {
		if got := hosts(&tt.addr); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %q, want %q", &tt.addr, got, tt.want)
		}
	}
}
