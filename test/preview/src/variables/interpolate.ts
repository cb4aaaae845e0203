/** Text with variables put in, in either form: $name, and ${name.field:format}. */
import { format, literal, promRegex } from './format';
import { isAll, singles, type Value, type Values } from './value';

/** What stands for one reference; undefined leaves it as it is written. */
export type Lookup = (name: string, field: string | undefined, formatName: string | undefined) => string | undefined;

const references = /\$(\w+)|\$\{(\w+)((?:\.[^:^}]+)|(?:\[[^\]]+\]))?(?::([^}]+))?\}/g;

/** Replaces every reference that the lookup knows. */
export function interpolate(text: string, lookup: Lookup): string {
  return text.replace(references, (written, plain, braced, field, formatName) => {
    const name = plain ?? braced;
    return lookup(name, field && path(field), formatName) ?? written;
  });
}

/** .name and ["name"] say the same. */
const path = (field: string) => field.replace(/^\./, '').replace(/^\[["']?(.*?)["']?\]$/, '$1');

/** For a PromQL expression: Prometheus' way of quoting, unless the reference says another. */
export function inPromQL(values: Values, texts: Record<string, string>): Lookup {
  return (name, _, formatName) => {
    if (name in texts) {
      return texts[name];
    }
    const value = values[name];
    return value && (formatName ? formatted(value, formatName) : promQL(value));
  };
}

function promQL(value: Value): string {
  const { multi, includeAll, allValue } = value.variable;
  if (isAll(value) && allValue) {
    return allValue;
  }
  return multi || includeAll ? promRegex(singles(value)) : literal(value.chosen.join(','));
}

/** For text: titles, links, the names of columns. */
export function inText(values: Values, texts: Record<string, string>): Lookup {
  return (name, _, formatName) => {
    if (name in texts) {
      return texts[name];
    }
    return values[name] && formatted(values[name], formatName ?? 'glob');
  };
}

function formatted(value: Value, formatName: string): string {
  if (formatName === 'queryparam') {
    return value.chosen.map((one) => `var-${value.variable.name}=${encodeURIComponent(one)}`).join('&');
  }
  if (formatName === 'text') {
    return isAll(value) ? 'All' : format('text', value.chosen);
  }
  const { allValue } = value.variable;
  return isAll(value) && allValue ? allValue : format(formatName, singles(value));
}
