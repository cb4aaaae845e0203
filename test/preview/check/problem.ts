/** One thing wrong in a dashboard: where, as a JSON path, and what. */
export interface Problem {
  path: string;
  text: string;
}

export const problem = (path: string, text: string): Problem => ({ path, text });

/** As a person reads it. */
export const line = (p: Problem) => `${p.path || '/'}: ${p.text}`;
