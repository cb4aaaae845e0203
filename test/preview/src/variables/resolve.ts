/** The values of a dashboard's variables, asked for one after the other: one may depend on those before it. */
import type { Variable } from '../dashboard';
import { labelValues, queryInstant, type Range } from '../prometheus/client';
import { inPromQL, interpolate } from './interpolate';
import { all, type Value, type Values } from './value';

/** Asks for the options of all variables, and chooses what the address or else the dashboard says. */
export async function resolve(
  variables: Variable[],
  asked: Record<string, string[]>,
  texts: Record<string, string>,
  range: Range,
): Promise<Values> {
  const values: Values = {};
  for (const variable of variables) {
    const known = { ...values };
    const found = await options(variable, (text) => interpolate(text, inPromQL(known, texts)), range);
    const sorted = sort(matching(found, variable.regex), variable.sort ?? 0);
    values[variable.name] = { variable, options: sorted, chosen: choose(variable, sorted, asked[variable.name]) };
  }
  return values;
}

const queryOf = ({ query }: Variable) => (typeof query === 'string' ? query : (query?.query ?? ''));

async function options(variable: Variable, put: (text: string) => string, range: Range): Promise<string[]> {
  const query = queryOf(variable);
  switch (variable.type) {
    case 'datasource':
      return [query === 'prometheus' ? 'Prometheus' : `a ${query} that is not here`];
    case 'custom':
    case 'interval':
      return query.split(/(?<!\\),/).map((option) => option.trim());
    case 'constant':
    case 'textbox':
      return [query];
    case 'query':
      return variable.datasource?.type === 'loki' ? [] : prometheusOptions(put(query), range); // there is no Loki to ask
    default:
      throw new Error(`variables of type ${variable.type} are not known here`);
  }
}

/** The functions of Grafana's Prometheus datasource that are in use. */
async function prometheusOptions(query: string, range: Range): Promise<string[]> {
  const values = /^label_values\((?:(.+),)?\s*([\w]+)\s*\)$/s.exec(query.trim());
  if (values) {
    return labelValues(values[2], values[1]?.trim(), range);
  }
  const result = /^query_result\((.+)\)$/s.exec(query.trim());
  if (result) {
    const series = await queryInstant(result[1], range.end);
    return series.map(({ metric: { __name__: name = '', ...labels }, value }) => {
      const matchers = Object.entries(labels).map(([label, v]) => `${label}="${v}"`);
      return `${name}{${matchers.join(',')}} ${value?.[1]} ${Math.round((value?.[0] ?? 0) * 1000)}`;
    });
  }
  throw new Error(`the query ${query} of a variable is not known here`);
}

/** The first group of the expression if it has one, else the values that it matches. */
function matching(options: string[], regex?: string): string[] {
  if (!regex) {
    return options;
  }
  const [, body, flags] = /^\/(.*)\/([a-z]*)$/.exec(regex) ?? [undefined, regex, ''];
  const found = options.flatMap((option) => {
    const match = new RegExp(body, flags.replace('g', '')).exec(option);
    return match ? [match.groups?.value ?? match[1] ?? option] : [];
  });
  return [...new Set(found)];
}

/** Grafana's numbers: odd ones rise, even ones fall; of text, of numbers, of text whatever its case, of text with numbers. */
function sort(options: string[], order: number): string[] {
  if (order === 0) {
    return options;
  }
  const compare = [
    (a: string, b: string) => (a < b ? -1 : Number(a > b)),
    (a: string, b: string) => parseFloat(a) - parseFloat(b),
    (a: string, b: string) => a.toLowerCase().localeCompare(b.toLowerCase()),
    (a: string, b: string) => a.localeCompare(b, undefined, { numeric: true }),
  ][Math.ceil(order / 2) - 1];
  const rising = [...options].sort(compare);
  return order % 2 === 1 ? rising : rising.reverse();
}

/** What the address says; else what the dashboard was saved with, if it is still there; else the first. */
function choose(variable: Variable, found: string[], asked: string[] | undefined): string[] {
  if (asked) {
    return asked.map((value) => (value === 'All' && variable.includeAll ? all : value));
  }
  const saved = [variable.current?.value ?? []].flat().filter((value) => value !== '');
  if (saved.length > 0 && saved.every((value) => value === all || found.includes(value))) {
    return saved;
  }
  const first = found.slice(0, 1);
  return first.length === 0 && variable.includeAll ? [all] : first;
}

/** What an address says of these values. */
export function inAddress(values: Values): Record<string, string[]> {
  return Object.fromEntries(Object.values(values).map((value: Value) => [`var-${value.variable.name}`, value.chosen]));
}
