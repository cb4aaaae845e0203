/** Variables: that each is defined once, and that everything in use is. */
import { list, object, text, walk, type JsonObject } from './json';
import { problem, type Problem } from './problem';

/** What Grafana itself gives a value to. Those with fields are followed by a dot. */
const builtIn = new Set([
  '__all',
  '__all_variables',
  '__dashboard',
  '__data',
  '__field',
  '__from',
  '__interval',
  '__interval_ms',
  '__org',
  '__range',
  '__range_ms',
  '__range_s',
  '__rate_interval',
  '__rate_interval_ms',
  '__series',
  '__timeFilter',
  '__to',
  '__url_time_range',
  '__user',
  '__value',
]);

/** Both forms, $name and ${name.field:format}; a $ alone, as at the end of a regular expression, is none. */
const reference = /\$(?:\{(\w+)(?:[.[][^:}]*)?(?::[^}]*)?\}|(\w+))/g;

/** Keys whose text is for people or is a name: a $ in there is one. */
const words = new Set(['title', 'description', 'content', 'text']);

/** What is wrong with variables and with references to them. */
export function variableProblems(dashboard: JsonObject): Problem[] {
  const names = list(object(dashboard.templating).list).map((variable) => text(object(variable).name));
  const twice = names.filter((name, i) => names.indexOf(name) < i);
  return [
    ...twice.map((name) => problem('/templating/list', `two variables are called ${JSON.stringify(name)}`)),
    ...undefinedOnes(dashboard, names),
  ];
}

function undefinedOnes(dashboard: JsonObject, names: string[]): Problem[] {
  return [...walk(dashboard)].flatMap(({ path, key, value }) => {
    if (typeof value !== 'string' || words.has(key)) {
      return [];
    }
    return [...value.matchAll(reference)]
      .map(([, braced, plain]) => braced ?? plain)
      .filter((name) => !names.includes(name) && !builtIn.has(name) && !/^\d/.test(name))
      .map((name) => problem(path, `no variable is called ${JSON.stringify(name)}`));
  });
}
