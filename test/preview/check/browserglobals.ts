/** Grafana's libraries ask the browser for its languages as soon as their units are listed. To be imported before them. */
if (globalThis.navigator === undefined) {
  Object.defineProperty(globalThis, 'navigator', { value: { language: 'en-US', languages: ['en-US'] } });
}
