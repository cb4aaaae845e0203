import { createReadStream, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Connect, Plugin } from 'vite';

const installed = createRequire(import.meta.url);

const folderOf = (library: string) => dirname(installed.resolve(`${library}/package.json`));

/** Grafana's fonts as it calls them, and as they are published. The last is Roboto Mono. */
const fonts: Array<[called: RegExp, library: string, file: string]> = [
  [/Inter-Regular\.woff2$/, '@fontsource/inter', 'inter-latin-400-normal.woff2'],
  [/Inter-Medium\.woff2$/, '@fontsource/inter', 'inter-latin-500-normal.woff2'],
  [/Inter-Italic\.woff2$/, '@fontsource/inter', 'inter-latin-400-italic.woff2'],
  [/Inter-MediumItalic\.woff2$/, '@fontsource/inter', 'inter-latin-500-italic.woff2'],
  [/roboto\/[^/]+\.woff2$/, '@fontsource/roboto-mono', 'roboto-mono-latin-400-normal.woff2'],
];

const blank = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"/>';

/** The file of a library that answers a path, if one does. */
function fileFor(path: string): string | undefined {
  const icon = /^\/public\/build\/img\/(icons\/[\w-]+\/[\w-]+\.svg)$/.exec(path)?.[1];
  if (icon) {
    return join(folderOf('@grafana/ui'), 'dist/public/img', icon);
  }
  const [, library, file] = fonts.find(([called]) => path.startsWith('/public/fonts/') && called.test(path)) ?? [];
  return library && file && join(folderOf(library), 'files', file);
}

/** Serves the icons and fonts of Grafana's components where they look for them. */
export function publicFiles(): Plugin {
  const answer: Connect.NextHandleFunction = (request, response, next) => {
    const path = (request.url ?? '').split('?')[0];
    const file = fileFor(path);
    if (!path.startsWith('/public/')) {
      return next();
    }
    response.setHeader('Content-Type', path.endsWith('.svg') ? 'image/svg+xml' : 'font/woff2');
    if (!file || !existsSync(file)) {
      return response.end(blank); // the library comes with fewer icons than its components name
    }
    return createReadStream(file).pipe(response);
  };
  return {
    name: 'public-files',
    configureServer: (server) => void server.middlewares.use(answer),
    configurePreviewServer: (server) => void server.middlewares.use(answer),
  };
}
