const surrogate = /[\ud800-\udfff]/;

/** Sorted as Python sorts, whatever the locale: by code points. JavaScript compares halves of those above 65,535. */
export function sortedByCodePoint(names: readonly string[]): string[] {
  if (!names.some((name) => surrogate.test(name))) return [...names].sort();
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
