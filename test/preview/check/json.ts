/** JSON as it is found in a file, before anything is known of it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type JsonObject = { [key: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object there, or an empty one: whether there ought to be one is the schema's business. */
export const object = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});

export const list = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

export const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** What lies at the keys, one below the other. */
export const at = (value: Json | undefined, ...keys: string[]): Json | undefined =>
  keys.reduce<Json | undefined>((v, key) => object(v)[key], value);

/** Every value in a JSON value, with its path and its key, itself first. */
export function* walk(value: Json, path = '', key = ''): Generator<{ path: string; key: string; value: Json }> {
  yield { path, key, value };
  const children = Array.isArray(value) ? value.entries() : Object.entries(object(value));
  for (const [name, child] of children) {
    yield* walk(child, `${path}/${name}`, String(name));
  }
}
