// Package served follows what a cluster serves of the kinds that it may lack. It asks the discovery API when a CRD comes, changes or goes,
// retries each kind by itself, and holds a cache of each kind while it is served. It does not know what the objects mean.
package served
