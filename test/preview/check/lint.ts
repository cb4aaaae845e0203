/** What types cannot see: names that only Grafana's registries know, and what must fit together. */
import { gridProblems } from './grid';
import { at, list, object, text, walk, type Json, type JsonObject } from './json';
import { isColor, isMatcher, isOverridable, isReducer, isScheme, isTransformation, isUnit } from './names';
import { everything, type Found } from './panels';
import { problem, type Problem } from './problem';
import { variableProblems } from './variables';

/** Every rule over one dashboard. */
export function lint(dashboard: JsonObject): Problem[] {
  return [
    ...gridProblems(dashboard),
    ...variableProblems(dashboard),
    ...colorProblems(dashboard),
    ...everything(dashboard).flatMap((found) => panelRules.flatMap((rule) => rule(found))),
  ];
}

const panelRules = [units, reducers, overrides, transformations, thresholds, queries, scheme];

/** A problem for each name that is not known. Where there is no name there is nothing to say. */
function unknown(what: string, isKnown: (name: string) => boolean, path: string, names: Json[]): Problem[] {
  return names.flatMap((name) =>
    typeof name === 'string' && !isKnown(name) ? [problem(path, `Grafana knows no ${what} ${JSON.stringify(name)}`)] : [],
  );
}

/** Values found under a key anywhere in a panel, and those that overrides give to it. */
function valuesOf(panel: JsonObject, wanted: string): Array<{ path: string; value: Json }> {
  return [...walk(panel.fieldConfig ?? {}, '/fieldConfig'), ...walk(panel.options ?? {}, '/options')].flatMap(({ path, key, value }) => {
    const overridden = text(object(value).id).split('.').pop() === wanted && 'value' in object(value);
    return [...(key === wanted ? [{ path, value }] : []), ...(overridden ? [{ path: `${path}/value`, value: object(value).value }] : [])];
  });
}

function units({ path, panel }: Found): Problem[] {
  return valuesOf(panel, 'unit').flatMap((found) => unknown('unit', isUnit, path + found.path, [found.value]));
}

function reducers({ path, panel }: Found): Problem[] {
  const calculations = ['calcs', 'reducers'].flatMap((key) => valuesOf(panel, key));
  const transformed = list(panel.transformations).flatMap((t, i) =>
    ['reducers', 'aggregations'].flatMap((key) =>
      [...walk(object(t).options ?? {}, `/transformations/${i}/options`)].filter((found) => found.key === key),
    ),
  );
  return [...calculations, ...transformed].flatMap((found) => unknown('reducer', isReducer, path + found.path, list(found.value)));
}

function overrides({ path, panel, type }: Found): Problem[] {
  return list(at(panel, 'fieldConfig', 'overrides')).flatMap((override, i) => {
    const where = `${path}/fieldConfig/overrides/${i}`;
    const matcher = object(object(override).matcher);
    const properties = list(object(override).properties).map((property) => text(object(property).id));
    return [
      ...unknown('matcher', isMatcher, `${where}/matcher/id`, [matcher.id ?? '']),
      ...matched(`${where}/matcher/options`, matcher, panel),
      ...unknown(`option of fields of a ${type}`, (id) => isOverridable(type, id), `${where}/properties`, properties),
    ];
  });
}

/** A matcher that can match nothing. */
function matched(path: string, matcher: JsonObject, panel: JsonObject): Problem[] {
  const options = text(matcher.options);
  const refIds = list(panel.targets).map((target) => object(target).refId);
  switch (matcher.id) {
    case 'byName':
      return options === '' ? [problem(path, 'names no field')] : [];
    case 'byRegexp':
      return isRegularExpression(options) ? [] : [problem(path, `is not a regular expression: ${JSON.stringify(options)}`)];
    case 'byFrameRefID':
      return refIds.includes(options) ? [] : [problem(path, `the panel has no query ${JSON.stringify(options)}`)];
    default:
      return [];
  }
}

/** Grafana reads /x/flags as such, and anything else as the whole expression. */
function isRegularExpression(written: string): boolean {
  const [, body, flags] = /^\/(.*)\/([a-z]*)$/.exec(written) ?? [undefined, written, ''];
  try {
    return new RegExp(body, flags).source !== '(?:)';
  } catch {
    return false;
  }
}

function transformations({ path, panel }: Found): Problem[] {
  return list(panel.transformations).flatMap((t, i) =>
    unknown('transformation', isTransformation, `${path}/transformations/${i}/id`, [object(t).id ?? '']),
  );
}

/** The first step begins at minus infinity, the others rise. */
function thresholds({ path, panel }: Found): Problem[] {
  return valuesOf(panel, 'thresholds').flatMap((found) => {
    const values = list(object(found.value).steps).map((step) => object(step).value);
    const rises = values.slice(1).every((v, i) => typeof v === 'number' && (i === 0 || v > Number(values[i])));
    const begins = values.length > 0 && values[0] === null;
    return begins && rises ? [] : [problem(`${path}${found.path}/steps`, 'thresholds must begin with null and rise from there')];
  });
}

function queries({ path, panel, type }: Found): Problem[] {
  const targets = list(panel.targets).map(object);
  const refIds = targets.map((target) => text(target.refId));
  const twice = refIds.filter((refId, i) => refIds.indexOf(refId) < i);
  const asksNothing = !['row', 'text'].includes(type) && targets.length === 0;
  return [
    ...twice.map((refId) => problem(`${path}/targets`, `two queries are called ${JSON.stringify(refId)}`)),
    ...(asksNothing ? [problem(`${path}/targets`, 'the panel asks for nothing')] : []),
    ...targets.flatMap((target, i) => (text(target.expr).trim() === '' ? [problem(`${path}/targets/${i}/expr`, 'is empty')] : [])),
  ];
}

function scheme({ path, panel }: Found): Problem[] {
  const name = at(panel, 'options', 'color', 'scheme');
  return name === undefined ? [] : unknown('colour scheme', isScheme, `${path}/options/color/scheme`, [name]);
}

const colorKeys = /\/(color|fixedColor|iconColor|options\/color\/fill)$/;

function colorProblems(dashboard: JsonObject): Problem[] {
  return [...walk(dashboard)].flatMap(({ path, value }) => (colorKeys.test(path) ? unknown('colour', isColor, path, [value]) : []));
}
