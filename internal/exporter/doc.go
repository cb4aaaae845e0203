// Package exporter tells Prometheus the state of Flux's objects: which are ready, which are suspended, and since when one
// is not ready.
//
// It is built for cost. An object passes through once and leaves behind the lines that are served of it:
//
//	API server ──stream──► decode ──► render ──► store ◄── scrape
//	                       wanted     lines      one a
//	                       paths                 kind
//
// No object is ever held as a whole, and a scrape copies lines without a lock, so that neither it nor the events wait for
// the other.
package exporter
