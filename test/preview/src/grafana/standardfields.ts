/**
 * The field options that every panel type has. Grafana registers them in its application, not in its libraries; the functions
 * that carry them out are its own.
 */
import {
  booleanOverrideProcessor,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  FieldType,
  identityOverrideProcessor,
  numberOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
  type Field,
  type FieldConfigPropertyItem,
} from '@grafana/data';

/** There is nothing to edit here. */
export const noEditor = () => null;

const everywhere = () => true;
const onNumbers = (field: Field) => field.type === FieldType.number;

type Processor = FieldConfigPropertyItem['process'];

function standard(id: string, process: Processor, shouldApply: (field: Field) => boolean, defaultValue?: unknown): FieldConfigPropertyItem {
  return { id, path: id, name: id, process, shouldApply, defaultValue, editor: noEditor, override: noEditor };
}

const untilEightyIsGreen = {
  mode: 'absolute',
  steps: [
    { value: -Infinity, color: 'green' },
    { value: 80, color: 'red' },
  ],
};

/** In the order in which Grafana applies them: bounds come before what is coloured by them. */
export function standardFields(): FieldConfigPropertyItem[] {
  return [
    standard('displayName', displayNameOverrideProcessor as Processor, everywhere),
    standard('unit', unitOverrideProcessor as Processor, everywhere),
    standard('min', numberOverrideProcessor as Processor, onNumbers),
    standard('max', numberOverrideProcessor as Processor, onNumbers),
    standard('fieldMinMax', booleanOverrideProcessor as Processor, onNumbers),
    standard('decimals', numberOverrideProcessor as Processor, onNumbers),
    standard('noValue', displayNameOverrideProcessor as Processor, everywhere),
    standard('links', dataLinksOverrideProcessor as Processor, everywhere),
    standard('actions', identityOverrideProcessor, everywhere),
    standard('color', identityOverrideProcessor, everywhere, { mode: 'thresholds' }),
    standard('mappings', valueMappingsOverrideProcessor as Processor, everywhere, []),
    standard('thresholds', thresholdsOverrideProcessor as Processor, everywhere, untilEightyIsGreen),
    standard('filterable', booleanOverrideProcessor as Processor, everywhere),
  ];
}
