// Package cost measures what a function costs, for tests that hold it to a ceiling. It knows no ceilings.
package cost

import (
	"runtime"
	"time"
)

// Of calls a function, and returns how many bytes it allocated, what is free again included, and how long it took. What other goroutines
// allocate meanwhile counts too.
func Of(f func()) (allocated uint64, took time.Duration) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	f()
	took = time.Since(began)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, took
}

// Allocated is how many bytes a function allocates, as Of counts them.
func Allocated(f func()) uint64 {
	allocated, _ := Of(f)
	return allocated
}
