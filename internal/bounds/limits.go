package bounds

// What a spec may hold at most, in the schema of its CRD and where a spec is read without the CRD.
const (
	// Text is the length of a text: a name, a label, a duration, a regular expression, a selector.
	Text = 4 << 10
	// Prose is the length of a text that people read, such as the description of an alert, an annotation, or the template of an e-mail.
	Prose = 16 << 10
	// Code is the length of a patch or of an expression in PromQL.
	Code = 64 << 10
	// Items is the number of items of a list or of a map.
	Items = 100
)
