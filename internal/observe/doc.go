// Package observe reads a cluster into facts, through caches, and knows what those caches may keep of an object. It does not decide what
// follows from a fact.
package observe
