//go:build linux

package uringzc

import "testing"

// outcome is what came of one zero-copy send.
type outcome struct {
	result, release Completion
	order           int // of the result, counted over all operations
}

// collect takes completions until nothing is in flight any more, and returns
// what came of each zero-copy send by its user data. It holds every one to the
// law: one result, then one release if and only if the result carries F_MORE.
func collect(t *testing.T, r *Ring) map[uint64]outcome {
	t.Helper()
	all := make(map[uint64]outcome)
	results := make(map[uint64]bool)
	for {
		for c, ok := r.Next(); ok; c, ok = r.Next() {
			o := all[c.UserData]
			switch {
			case c.Notification():
				if !results[c.UserData] || !o.result.More() || o.release.Notification() || c.More() || c.Err() != nil {
					t.Fatalf("release %+v after %+v; want one, after a result with F_MORE", c, o)
				}
				o.release = c
			case results[c.UserData]:
				t.Fatalf("result %+v after %+v; want one", c, o)
			default:
				results[c.UserData] = true
				o.result, o.order = c, len(results)-1
			}
			all[c.UserData] = o
		}
		if r.InFlight() == 0 {
			break
		}
		if _, err := r.SubmitAndWait(1, patience); err != nil {
			t.Fatalf("%d operations in flight: %v", r.InFlight(), err)
		}
	}
	for id, o := range all {
		if o.result.More() != o.release.Notification() {
			t.Fatalf("operation %d: result %+v, release %+v; want a release with F_MORE and none without", id, o.result, o.release)
		}
	}
	if r.Strays() != 0 || r.Lost() != 0 {
		t.Errorf("%d strays, %d lost; want none", r.Strays(), r.Lost())
	}
	return all
}

// collectResults takes completions until n results are there, and counts the
// releases that came with them. It is for sends whose releases don't come yet.
func collectResults(t *testing.T, r *Ring, n int) (results []Completion, releases int) {
	t.Helper()
	for len(results) < n {
		if _, err := r.SubmitAndWait(1, patience); err != nil {
			t.Fatalf("%d of %d results: %v", len(results), n, err)
		}
		for c, ok := r.Next(); ok; c, ok = r.Next() {
			if c.Notification() {
				releases++
			} else {
				results = append(results, c)
			}
		}
	}
	return results, releases
}
