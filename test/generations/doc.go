// Package generations compares what the operator knows of Flux's generations with recordings of them: the kinds each
// serves, and the metrics the controllers export. The command record writes the recordings.
package generations
