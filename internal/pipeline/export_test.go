package pipeline

// Possible is what the labels of metrics can be, and LacksScrapeClass the issue of a PodMonitor with an unknown scrape class.
var Possible, LacksScrapeClass = possibleLabels, lacksScrapeClass
