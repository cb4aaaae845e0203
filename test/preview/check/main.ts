/** Command check says what is wrong with dashboard files, and fails if anything is. */
import './browserglobals';
import { readFileSync } from 'node:fs';
import type { JsonObject } from './json';
import { lint } from './lint';
import { line } from './problem';
import { schemaCheck } from './schema';

function main(files: string[]): number {
  if (files.length === 0) {
    console.error('usage: npm run check -- DASHBOARD.json...');
    return 2;
  }
  const schema = schemaCheck();
  const problems = files.flatMap((file) => {
    const dashboard = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
    return [...schema(dashboard), ...lint(dashboard)].map((p) => `${file}: ${line(p)}`);
  });
  problems.forEach((p) => console.error(p));
  console.log(
    problems.length > 0 ? `${problems.length} problems` : `${files.length} dashboards are as Grafana's types and registries have it`,
  );
  return problems.length > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
