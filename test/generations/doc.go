// Package generations holds what the operator believes of Flux's generations against recordings of them: the kinds each
// serves, and what the controllers expose. The command record writes the recordings.
package generations
