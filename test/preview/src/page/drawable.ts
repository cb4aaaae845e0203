/** What of a panel's answers can be drawn. A number that is none has no place on an axis, and Grafana draws nothing there. */
import { FieldType, getFieldDisplayName, type DataFrame, type Field } from '@grafana/data';

/** Fields beside the time, which is there for values that are not. */
const values = (frame: DataFrame) => frame.fields.filter(({ type }) => type !== FieldType.time);

const notANumber = (field: Field, value: unknown) => field.type === FieldType.number && typeof value === 'number' && !Number.isFinite(value);

const drawable = (field: Field) => field.values.some((value) => value !== null && value !== undefined && !notANumber(field, value));

/** Whether there is nothing to draw: no frame, none with a value, or none with a value that is a number where it should be. */
export const isEmpty = (series: DataFrame[]) => !series.some((frame) => values(frame).some(drawable));

/** The names of what has a NaN or an infinity among its values. */
export function notNumbers(series: DataFrame[]): string[] {
  return series.flatMap((frame) =>
    values(frame)
      .filter((field) => field.values.some((value) => notANumber(field, value)))
      .map((field) => getFieldDisplayName(field, frame, series)),
  );
}

/** The frames without what is not a number, as Grafana's panel of time series prepares them: its component would lose the axis by one. */
export function finite(series: DataFrame[]): DataFrame[] {
  return series.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === FieldType.number ? { ...field, values: field.values.map((value) => (notANumber(field, value) ? null : value)) } : field,
    ),
  }));
}
