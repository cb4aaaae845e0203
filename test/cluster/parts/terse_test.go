package parts

import "testing"

func TestADefinitionLosesItsDescriptionsAlone(t *testing.T) {
	const full = `spec:
  description: |-
    One line.

    description: another
  properties:
    description:
      description: A field of that name, whose text
        has two lines.
      type: string
    name:
      default: "a"
      description: 'Quoted: text'
      type: string
  required:
  - description
  columns:
  - description: of an item
    name: A
`
	const want = `spec:
  properties:
    description:
      type: string
    name:
      default: "a"
      type: string
  required:
  - description
  columns:
  - description: of an item
    name: A
`
	if got := string(withoutDescriptions([]byte(full))); got != want {
		t.Errorf("this is left:\n%s", got)
	}
}
