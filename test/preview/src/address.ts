/**
 * What the address of the page says. It is that of the dashboard in a Grafana, /d/<uid>?var-x=…&from=…&to=…, so that links
 * between dashboards lead where they should; ?dashboard=<uid> says the same. Beyond Grafana there is `now`, which stops the
 * clock, and rows=open, which opens all rows.
 */
export interface Address {
  /** Which dashboard; without one the page lists them all. */
  uid?: string;
  theme: 'light' | 'dark';
  /** As in Grafana: now-6h, or milliseconds. Without, the dashboard's own. */
  from?: string;
  to?: string;
  /** Milliseconds since 1970. */
  now: number;
  rowsOpen: boolean;
  /** Values of variables, by name. */
  variables: Record<string, string[]>;
}

/** Reads an address; what it does not say is as a viewer finds it on opening the dashboard. */
export function readAddress(location: { pathname: string; search: string }, clock: () => number = Date.now): Address {
  const query = new URLSearchParams(location.search);
  const [, root, uid] = location.pathname.split('/');
  return {
    uid: query.get('dashboard') ?? (root === 'd' ? decodeURIComponent(uid) : undefined),
    theme: query.get('theme') === 'light' ? 'light' : 'dark',
    from: query.get('from') ?? undefined,
    to: query.get('to') ?? undefined,
    now: readTime(query.get('now')) ?? clock(),
    rowsOpen: query.get('rows') === 'open',
    variables: chosen(query),
  };
}

/** Milliseconds, or a time as ISO 8601 has it. */
function readTime(written: string | null): number | undefined {
  if (!written) {
    return undefined;
  }
  const time = /^\d+$/.test(written) ? Number(written) : Date.parse(written);
  if (Number.isNaN(time)) {
    throw new Error(`now=${written} is not a time`);
  }
  return time;
}

function chosen(query: URLSearchParams): Record<string, string[]> {
  const names = [...new Set(query.keys())].filter((key) => key.startsWith('var-'));
  return Object.fromEntries(names.map((key) => [key.slice('var-'.length), query.getAll(key)]));
}

/** The same address with some parameters changed; undefined takes one away. */
export function changed(search: string, changes: Record<string, string[] | undefined>): string {
  const query = new URLSearchParams(search);
  for (const [name, values] of Object.entries(changes)) {
    query.delete(name);
    values?.forEach((value) => query.append(name, value));
  }
  return `?${query}`;
}
