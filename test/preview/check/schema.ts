/** Dashboards against the types that Grafana publishes, by way of a JSON schema generated from them. */
import { resolve } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { createGenerator } from 'ts-json-schema-generator';
import { readable } from './errors';
import { at, isObject, list, object, text, type Json, type JsonObject } from './json';
import { everything, type Found } from './panels';
import { problem, type Problem } from './problem';

/** What checks one dashboard after the other. */
export type Check = (dashboard: JsonObject) => Problem[];

/** Generates the schema, which takes a second or two, and compiles it. */
export function schemaCheck(folder = resolve(__dirname, '..')): Check {
  const schema = new Schema(folder);
  return (dashboard) => [
    ...schema.problems('frame', dashboard, ''),
    ...everything(dashboard).flatMap((found) => panelProblems(schema, found)),
  ];
}

function panelProblems(schema: Schema, { path, panel, type }: Found): Problem[] {
  if (type === 'row') {
    return schema.problems('row', panel, path);
  }
  if (!schema.has(`panels/${type}`)) {
    return [problem(`${path}/type`, `panel type ${JSON.stringify(panel.type)} is not one that dashboards here use`)];
  }
  return [
    ...schema.problems(`panels/${type}`, panel, path),
    ...overrideProblems(schema, path, panel, type),
    ...transformationProblems(schema, path, panel),
  ];
}

/** The value of an override is what a default of the same name would be. */
function overrideProblems(schema: Schema, path: string, panel: JsonObject, type: string): Problem[] {
  return list(at(panel, 'fieldConfig', 'overrides')).flatMap((override, i) =>
    list(object(override).properties).flatMap((property, j) => {
      const { id, value } = object(property);
      const place = `panels/${type}/fieldConfig/defaults/${text(id).replaceAll('.', '/')}`;
      const where = `${path}/fieldConfig/overrides/${i}/properties/${j}/value`;
      return schema.has(place) && value !== undefined ? schema.problems(place, value, where) : [];
    }),
  );
}

function transformationProblems(schema: Schema, path: string, panel: JsonObject): Problem[] {
  return list(panel.transformations).flatMap((transformation, i) => {
    const { id, options } = object(transformation);
    const place = `transformations/${text(id)}`;
    return schema.has(place) && options !== undefined ? schema.problems(place, options, `${path}/transformations/${i}/options`) : [];
  });
}

/** Schema is the generated schema, whose parts are validated against each by itself, so that an error names the right one. */
class Schema {
  private readonly schema: JsonObject;
  private readonly ajv = new Ajv({ allErrors: true, strict: false, allowUnionTypes: true, verbose: true });
  private readonly compiled = new Map<string, ValidateFunction | undefined>();

  constructor(folder: string) {
    const generator = createGenerator({
      path: resolve(folder, 'check/types.ts'),
      tsconfig: resolve(folder, 'tsconfig.json'),
      type: 'DashboardFile',
      skipTypeCheck: true,
      topRef: false,
      expose: 'none',
    });
    this.schema = generator.createSchema('DashboardFile') as JsonObject;
    this.ajv.addSchema({ $id: 'dashboard', definitions: this.schema.definitions });
  }

  /** Whether the types say anything of this place, which is a path of properties. */
  has(place: string): boolean {
    return this.validator(place) !== undefined;
  }

  /** What is wrong with a value for this place, found at a path of the file. */
  problems(place: string, value: Json, path: string): Problem[] {
    const validate = this.validator(place);
    if (validate === undefined || validate(value)) {
      return [];
    }
    return readable(validate.errors ?? [], path);
  }

  private validator(place: string): ValidateFunction | undefined {
    if (!this.compiled.has(place)) {
      const part = this.part(place);
      this.compiled.set(place, part && this.ajv.compile({ ...part, definitions: this.schema.definitions }));
    }
    return this.compiled.get(place);
  }

  private part(place: string): JsonObject | undefined {
    let part: Json | undefined = this.schema;
    for (const name of place.split('/')) {
      part = at(this.resolved(part), 'properties', name);
    }
    return isObject(part) ? part : undefined;
  }

  private resolved(part: Json | undefined): Json | undefined {
    const reference = text(object(part).$ref);
    const name = decodeURIComponent(reference.replace('#/definitions/', ''));
    return reference ? this.resolved(at(this.schema, 'definitions', name)) : part;
  }
}
