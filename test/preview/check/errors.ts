/** What ajv says, as a person wants to read it. */
import type { ErrorObject } from 'ajv';
import { problem, type Problem } from './problem';

/** The errors found in the value at a path of the file, each once. */
export function readable(errors: ErrorObject[], path: string): Problem[] {
  const problems = nearest(errors).map((e) => problem(path + e.instancePath, sentence(e)));
  return problems.filter((p, i) => problems.findIndex((other) => other.path === p.path && other.text === p.text) === i);
}

/**
 * Where a value may be one of several, ajv tells why it is none of them: of one of a union, that it is not each of the others
 * too. What is left is why it is not the one that it is nearest to, or which kinds there are if it is of no kind.
 */
function nearest(errors: ErrorObject[]): ErrorObject[] {
  const union = errors.find((e) => e.keyword === 'anyOf');
  if (union === undefined) {
    return withoutEchoes(errors);
  }
  const inside = (e: ErrorObject) => e.schemaPath.startsWith(`${union.schemaPath}/`) && e.instancePath.startsWith(union.instancePath);
  const others = errors.filter((e) => e !== union && !inside(e));
  return [...nearest(others), ...nearestBranch(union, errors.filter(inside))];
}

function nearestBranch(union: ErrorObject, errors: ErrorObject[]): ErrorObject[] {
  const branches = byBranch(union, errors);
  const ofItsKind = branches.filter((branch) => !branch.some((e) => e.keyword === 'const'));
  if (ofItsKind.length === 0 && branches.length > 0) {
    return [kinds(branches.flatMap((branch) => branch.filter((e) => e.keyword === 'const')))];
  }
  return ofItsKind.map(nearest).sort((a, b) => a.length - b.length)[0] ?? [union];
}

const branchOf = (union: ErrorObject, e: ErrorObject) => e.schemaPath.slice(union.schemaPath.length + 1).split('/')[0];

function byBranch(union: ErrorObject, errors: ErrorObject[]): ErrorObject[][] {
  const names = [...new Set(errors.map((e) => branchOf(union, e)))];
  return names.map((name) => errors.filter((e) => branchOf(union, e) === name));
}

/** One error for all the words that would have said of what kind the value is. */
function kinds(errors: ErrorObject[]): ErrorObject {
  return { ...errors[0], keyword: 'enum', params: { allowedValues: errors.map((e) => e.params.allowedValue) } };
}

/** Of a value that is not one of a list, it says nothing more that its type is wrong too. */
function withoutEchoes(errors: ErrorObject[]): ErrorObject[] {
  const listed = errors.filter((e) => e.keyword === 'enum').map((e) => e.instancePath);
  return errors.filter((e) => e.keyword !== 'type' || !listed.includes(e.instancePath));
}

function sentence(e: ErrorObject): string {
  const shown = JSON.stringify(e.data);
  const found = shown === undefined || shown.length > 40 ? '' : `, not ${shown}`;
  switch (e.keyword) {
    case 'additionalProperties':
      return `has ${JSON.stringify(e.params.additionalProperty)}, which Grafana does not know`;
    case 'enum':
      return `${choices(e.params.allowedValues)}${found}`;
    case 'const':
      return `must be ${JSON.stringify(e.params.allowedValue)}${found}`;
    default:
      return `${e.message}${found}`;
  }
}

const choices = (words: unknown[]) =>
  words.length > 12 ? `must be one of ${words.length} words of Grafana's` : `must be one of ${words.join(', ')}`;
