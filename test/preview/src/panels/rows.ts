/** The rows of a state timeline: for every field the spans of time over which it had one value. */
import { FieldType, getFieldDisplayName, type DataFrame, type Field } from '@grafana/data';

/** One value, from one time to another, in milliseconds. */
export interface Span {
  from: number;
  to: number;
  value: unknown;
}

export interface Row {
  name: string;
  field: Field;
  spans: Span[];
}

/** The rows of all frames; neighbours of the same value become one if they are to be merged. */
export function rowsOf(frames: DataFrame[], end: number, merge: boolean): Row[] {
  return frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.type === FieldType.time);
    const others = frame.fields.filter((field) => field !== time && !field.config.custom?.hideFrom?.viz);
    return time
      ? others.map((field) => ({ name: getFieldDisplayName(field, frame, frames), field, spans: spansOf(time, field, end, merge) }))
      : [];
  });
}

/** A span lasts until the next point, but no longer than points are apart: where none is, nothing is known. */
function spansOf(time: Field, field: Field, end: number, merge: boolean): Span[] {
  const apart = time.config.interval ?? Infinity;
  const spans: Span[] = [];
  field.values.forEach((value, i) => {
    if (value === null || value === undefined) {
      return;
    }
    const from = time.values[i];
    const to = Math.min(time.values[i + 1] ?? end, from + apart * 1.5, end);
    const last = spans.at(-1);
    if (merge && last && last.to >= from && last.value === value) {
      last.to = to;
    } else {
      spans.push({ from, to, value });
    }
  });
  return spans;
}
