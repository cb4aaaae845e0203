import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connect, Plugin } from 'vite';

/** What the operator renders for Flux 2.9; the same for older versions has fewer panels. */
const goldens = { folder: join(import.meta.dirname ?? '', '../../../internal/dashboards/testdata'), files: /^flux-2\.9-.*\.json$/ };

interface Dashboard {
  uid: string;
  title: string;
  tags?: string[];
}

/** Serves the dashboards of a folder: their list at /dashboards, each at /dashboards/<uid>. Files are read at each request. */
export function dashboards(folder?: string): Plugin {
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    const [, root, uid] = (request.url ?? '').split(/[/?]/);
    if (root !== 'dashboards') {
      return next();
    }
    const all = read(folder);
    const found = uid ? all.find((d) => d.uid === decodeURIComponent(uid)) : all.map(({ uid, title, tags = [] }) => ({ uid, title, tags }));
    response.statusCode = found ? 200 : 404;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(found ?? { error: `there is no dashboard ${uid}` }));
  };
  return {
    name: 'dashboards',
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
}

/** The dashboards in the files of a folder, by title. */
function read(folder?: string): Dashboard[] {
  const files = folder ? { folder, files: /\.json$/ } : goldens;
  return readdirSync(files.folder)
    .filter((name) => files.files.test(name))
    .map((name) => JSON.parse(readFileSync(join(files.folder, name), 'utf8')) as Dashboard)
    .filter((dashboard) => dashboard.uid)
    .sort((a, b) => a.title.localeCompare(b.title));
}
