// Package exporter exports the state of Flux objects: which are ready, which are suspended, and since when one is not
// ready.
//
// It is built for low cost. Each object is decoded once, and only its exposition lines are kept:
//
//	API server ──stream──► decode ──► render ──► store ◄── scrape
//	                       desired    lines      one per
//	                       paths                 kind
//
// No object is ever held as a whole. A scrape copies lines without a lock, so scrapes and watch events do not block
// each other.
package exporter
