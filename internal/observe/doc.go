// Package observe reads a cluster into facts through caches, and defines what those caches keep. It does not decide
// what follows from a fact.
package observe
