/** What a variable of a dashboard stands for on the page. */
import type { Variable } from '../dashboard';

/** What Grafana writes where all values are chosen. */
export const all = '$__all';

/** A variable with the values there are and those that are chosen. */
export interface Value {
  variable: Variable;
  options: string[];
  chosen: string[];
}

/** By name. */
export type Values = Record<string, Value>;

export const isAll = (value: Value) => value.chosen.includes(all);

/** The single values that are chosen, where all of them may be. */
export const singles = (value: Value) => (isAll(value) ? value.options : value.chosen);

/** As people read it. */
export const words = (value: Value) => (isAll(value) ? 'All' : value.chosen.join(' + '));
