/** What Grafana's own code calls to put variables into text, those of a data link included. */
import {
  formattedValueToString,
  getFieldDisplayName,
  locationUtil,
  type DataContextScopedVar,
  type Field,
  type InterpolateFunction,
} from '@grafana/data';
import { format } from './format';
import { inText, interpolate } from './interpolate';
import type { Values } from './value';

type Context = DataContextScopedVar['value'];

/** An InterpolateFunction over the variables of the dashboard and these texts. */
export function replacer(values: Values, texts: Record<string, string>): InterpolateFunction {
  return (text, scoped, formatFunction) => {
    const context = scoped?.__dataContext?.value;
    const plain = inText(values, texts);
    return interpolate(String(text ?? ''), (name, field, formatName) => {
      const macro = name.startsWith('__') ? (carried(name) ?? (context && ofData(name, field, context))) : undefined;
      if (macro !== undefined) {
        return name.startsWith('__url') || name === '__all_variables' ? macro : format(wanted(formatName, formatFunction), [macro]);
      }
      return scoped?.[name]?.value !== undefined ? String(scoped[name].value) : plain(name, field, formatName);
    });
  };
}

/** The format that the reference says, else the one that the caller wants. */
const wanted = (formatName: string | undefined, byCaller: unknown) => formatName ?? (typeof byCaller === 'string' ? byCaller : 'raw');

/** What a link carries along. */
function carried(name: string): string | undefined {
  switch (name) {
    case '__url_time_range':
      return locationUtil.getTimeRangeUrlParams() ?? '';
    case '__all_variables':
      return locationUtil.getVariablesUrlParams() ?? '';
    default:
      return undefined;
  }
}

function ofData(name: string, field: string | undefined, context: Context): string | undefined {
  switch (name) {
    case '__value':
      return ofValue(field, context);
    case '__data':
      return ofRow(field ?? '', context);
    case '__field':
      return ofField(field ?? '', context);
    case '__series':
      return context.frame.name ?? '';
    default:
      return undefined;
  }
}

function ofValue(part: string | undefined, { field, frame, rowIndex, calculatedValue }: Context): string {
  const raw = rowIndex === undefined ? calculatedValue?.numeric : field.values[rowIndex];
  switch (part) {
    case 'numeric':
    case 'raw':
    case undefined:
      return String(raw ?? '');
    case 'time':
      return String(frame.fields.find((f) => f.type === 'time')?.values[rowIndex ?? 0] ?? '');
    case 'text':
      return calculatedValue ? formattedValueToString(calculatedValue) : shown(field, rowIndex ?? 0);
    default:
      return '';
  }
}

const shown = (field: Field, row: number) =>
  field.display ? formattedValueToString(field.display(field.values[row])) : String(field.values[row] ?? '');

/** fields.x, fields["x"] or fields.x.text: another field of the same row, by its name or how it is displayed. */
function ofRow(path: string, { frame, rowIndex }: Context): string {
  const [, name] = /^fields(?:\.|\[["']?)(.+?)["']?\]?(?:\.(?:text|numeric))?$/.exec(path) ?? [];
  const field = frame.fields.find((f) => f.name === name || getFieldDisplayName(f, frame) === name || f.state?.displayName === name);
  return field && rowIndex !== undefined ? shown(field, rowIndex) : '';
}

function ofField(path: string, { field, frame }: Context): string {
  const label = /^labels(?:\.|\[["']?)(.+?)["']?\]?$/.exec(path)?.[1];
  return label ? (field.labels?.[label] ?? '') : getFieldDisplayName(field, frame);
}
