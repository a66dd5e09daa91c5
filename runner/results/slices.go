package results

// Steadiness is what a trial's steadiness is judged by, of the rates of its Slices
// stretches: the mean of the second half over that of the first, 0 if there are none,
// and the lag-1 autocorrelation.
func Steadiness(rates []float64) (halfRatio, autocorrelation float64) {
	half := len(rates) / 2
	var first, second float64
	for i := range half {
		first += rates[i]
		second += rates[len(rates)-1-i]
	}
	if first == 0 {
		return 0, 0
	}
	return second / first, lag1(rates)
}
