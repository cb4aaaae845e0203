/** The formats in which a variable is put into text: ${name:format}. */

type Format = (values: string[]) => string;

const escaped = (value: string) => value.replace(/[\\^$*+?.()|{}[\]/]/g, '\\$&');

const alternatives = (values: string[]) => (values.length === 1 ? values[0] : `(${values.join('|')})`);

const formats: Record<string, Format> = {
  csv: (values) => values.join(','),
  doublequote: (values) => values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(','),
  glob: (values) => (values.length === 1 ? values[0] : `{${values.join(',')}}`),
  json: (values) => JSON.stringify(values.length === 1 ? values[0] : values),
  percentencode: (values) => encodeURIComponent(values.length === 1 ? values[0] : `{${values.join(',')}}`),
  pipe: (values) => values.join('|'),
  raw: (values) => values.join(','),
  regex: (values) => alternatives(values.map(escaped)),
  singlequote: (values) => values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(','),
  text: (values) => values.join(' + '),
  uriencode: (values) => encodeURI(values.join(',')),
};

/** Puts values into text. Grafana takes a format that it does not know for another; here it is an error. */
export function format(name: string, values: string[]): string {
  const known = formats[name];
  if (!known) {
    throw new Error(`the format ${name} of a variable is not known here`);
  }
  return known(values);
}

/**
 * A value in a PromQL string that is not a regular expression. In one that may be, every special character is escaped, and
 * once more for the string that it is in.
 */
export const literal = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');

const promEscaped = (value: string) => value.replaceAll('\\', '\\\\\\\\').replace(/[$^*{}[\]+?.()|]/g, '\\\\$&');

export const promRegex = (values: string[]) => alternatives(values.map(promEscaped));
