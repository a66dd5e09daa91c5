package probe

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sendbench/runner/link"
	"sendbench/runner/link/linktest"
)

// TestBehaviours: what is tried on a link of the run's own comes to an answer, and the
// device is left as it was.
func TestBehaviours(t *testing.T) {
	linktest.Need(t)
	for _, family := range []int{4, 6} {
		l, err := link.Open(link.Sink, family)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		before, err := l.Describe()
		if err != nil {
			t.Fatal(err)
		}
		found := behaviours(l)
		t.Logf("%+v", found)
		for _, f := range found {
			if (f.State == Unknown) != (f.Why != "") {
				t.Errorf("%+v: want a reason where it isn't known, and there alone", f)
			}
		}
		if f := find(found, SumsSegments); f.State == Unknown {
			t.Errorf("%+v: couldn't be tried on a link of its own", f)
		}
		after, err := l.Describe()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("the link isn't as it was (-before +after):\n%s", diff)
		}
	}
}

// TestBehavioursOfLoopback: a device that is the machine's own isn't changed, and what
// would take that is said to be unknown.
func TestBehavioursOfLoopback(t *testing.T) {
	l, err := link.Open(link.Loopback, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if f := sumsSegments(l); f.State != Unknown || f.Why == "" {
		t.Errorf("%+v, want unknown, with a reason", f)
	}
}

// TestHugePagesAgainstSmall: what is seen of a huge page is no way of counting all
// that is registered.
func TestHugePagesAgainstSmall(t *testing.T) {
	counted, err := countedFromHugePage()
	if err != nil {
		t.Skip(err)
	}
	if counted < trySegment || counted > 2*hugePage {
		t.Errorf("%d bytes counted for %d sent from a huge page of %d", counted, trySegment, hugePage)
	}
}
