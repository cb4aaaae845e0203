/** Prometheus' HTTP API, as far as a dashboard asks it. */

export type Labels = Record<string, string>;

/** A time in seconds, and the value as text, which keeps NaN and infinities. */
export type Sample = [number, string];

export interface Series {
  metric: Labels;
  /** Of an instant query. */
  value?: Sample;
  /** Of a range query. */
  values?: Sample[];
}

export interface Range {
  /** Seconds since 1970. */
  start: number;
  end: number;
}

type Parameters = Record<string, string | number>;

async function ask<T>(path: string, parameters: Parameters): Promise<T> {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  const response = await fetch(`/api/v1/${path}?${query}`);
  const text = await response.text();
  const body = parse(text);
  if (body?.status !== 'success') {
    throw new Error(body?.error ?? `Prometheus answers ${response.status} ${response.statusText}`);
  }
  return body.data as T;
}

function parse(text: string): { status: string; data: unknown; error?: string } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function queryInstant(query: string, time: number): Promise<Series[]> {
  const { resultType, result } = await ask<{ resultType: string; result: unknown }>('query', { query, time });
  // A scalar is a series without labels.
  return resultType === 'scalar' ? [{ metric: {}, value: result as Sample }] : (result as Series[]);
}

export async function queryRange(query: string, { start, end }: Range, step: number): Promise<Series[]> {
  return (await ask<{ result: Series[] }>('query_range', { query, start, end, step })).result;
}

/** The values of a label in a time range, of series that a selector matches if there is one. */
export function labelValues(label: string, selector: string | undefined, range: Range): Promise<string[]> {
  return ask<string[]>(`label/${encodeURIComponent(label)}/values`, { ...range, ...(selector ? { 'match[]': selector } : {}) });
}
