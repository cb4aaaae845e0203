// Package apply makes the live objects match the desired ones, with one mechanism for every kind: server-side apply
// with one field manager, and deletion of owned objects that are no longer desired.
//
// It detects drift from metadata alone, so that caches hold no content: an annotation holds the digest of what was
// applied, and managedFields show whether the operator still owns every desired field. Whoever changes or removes a
// field takes its ownership. Fields that only others own do not matter.
//
// The package plans and executes changes. It does not know which objects are desired, or why.
package apply
