/** Contiguous runs of elements that belong to one of the equal groups into which an axis is divided. */
export function* groupRuns(
  dims: readonly number[],
  axis: number,
  groups: number,
): Generator<{ readonly group: number; readonly from: number; readonly until: number }> {
  const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = dims.slice(0, axis).reduce((a, b) => a * b, 1);
  const run = (dims[axis] / groups) * inner;
  for (let o = 0; o < outer; o++) {
    for (let group = 0; group < groups; group++) {
      const from = (o * groups + group) * run;
      yield { group, from, until: from + run };
    }
  }
}
