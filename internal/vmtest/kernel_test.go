package vmtest

import "testing"

func TestNewest(t *testing.T) {
	names := []string{
		"linux-image-5.10.0-30-amd64", "linux-image-6.1-amd64", "linux-image-6.1.0-0.deb11.52-amd64", "linux-image-6.1.0-9-amd64",
		"linux-image-6.1.0-56-amd64", "linux-image-6.1.0-57-cloud-amd64", "linux-image-6.12.99+deb12-amd64", "linux-image-6.12.117+deb12-amd64",
		"linux-image-6.12.118+deb12-rt-amd64", "linux-image-6.12.119+deb12-amd64-unsigned", "linux-image-7.3.4+deb13-amd64", "newest",
	}
	for _, test := range []struct{ version, want string }{
		{"5.10", "linux-image-5.10.0-30-amd64"},
		{"6.1", "linux-image-6.1.0-56-amd64"},
		{"6.12", "linux-image-6.12.117+deb12-amd64"},
		{"", "linux-image-7.3.4+deb13-amd64"},
		{"6.6", ""},
	} {
		if got := newest(names, test.version); got != test.want {
			t.Errorf("the newest of %q is %q, want %q", test.version, got, test.want)
		}
	}
	if got := newest(nil, ""); got != "" {
		t.Errorf("the newest of none is %q", got)
	}
}
