package pipeline

// Possible is what the labels of metrics can be.
var Possible = possibleLabels
