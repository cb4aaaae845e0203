// Package apply makes a cluster hold the objects wanted, by one mechanism for every kind: server-side apply with one field
// manager, and deletion of what is ours and no longer wanted.
//
// Whether an object is as it was applied is told from its metadata alone, so no cache holds what objects contain: an
// annotation holds the digest of what was applied, and managedFields show whether all of it is still ours. Whoever changes
// or removes a field of ours takes its ownership with it, and a field that merely belongs to others is none of our concern.
//
// The package knows how to plan and carry out; it knows nothing of what is wanted, or why.
package apply
