//go:build linux

package uringzc

// fifo is a queue of requests, linked through next.
type fifo struct {
	first, last *request
}

func (q *fifo) push(r *request) {
	r.next = nil
	if q.first == nil {
		q.first = r
	} else {
		q.last.next = r
	}
	q.last = r
}

func (q *fifo) pop() *request {
	r := q.first
	if r != nil {
		q.first = r.next
	}
	return r
}

// sweep takes out all that are to go.
func (q *fifo) sweep(goes func(*request) bool) (gone fifo) {
	var stay fifo
	for r := q.pop(); r != nil; r = q.pop() {
		if goes(r) {
			gone.push(r)
		} else {
			stay.push(r)
		}
	}
	*q = stay
	return gone
}
