// Package memory returns what only the start of a process needs to the kernel: garbage on the heap, and pages of the program's file.
// It does not know what the process does, nor when its start has ended.
package memory

import "runtime/debug"

// Return collects garbage, and returns to the kernel what is free of the heap and all pages of the program's file. The kernel maps a page
// of the file again when the process next uses it, without reading the disk while the page is in its cache.
//
// The initialisation of packages uses nearly all pages of the file once, and the kernel maps 16 pages around each. Later few are used.
func Return() {
	debug.FreeOSMemory()
	releaseProgram()
}
