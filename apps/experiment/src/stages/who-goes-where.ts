import { pathKey } from "@quee/core";
import type { PathTable, Replay } from "@quee/path-tables";
import type { Results } from "@quee/report";

/** Where the images of each class leave, at one λ. */
export function classPoint(
  lambda: number,
  taken: Replay,
  test: PathTable<"test">,
  exitCount: number,
): Results["classes"]["points"][number] {
  const classes = Array.from({ length: test.classCount }, () => ({
    exits: new Array<number>(exitCount).fill(0),
    correct: 0,
    bits: 0,
    images: 0,
  }));
  for (let i = 0; i < test.count; i++) {
    const path = test.paths[taken.pathIndex[i] ?? 0] ?? [];
    const own = classes[test.labels[i] ?? 0];
    if (own === undefined) continue;
    own.exits[path.length - 1] = (own.exits[path.length - 1] ?? 0) + 1;
    own.correct += taken.correct[i] ?? 0;
    own.bits += path.reduce((sum, level) => sum + level, 0) / path.length;
    own.images++;
  }
  return {
    lambda,
    exits: classes.map(({ exits }) => exits),
    correct: classes.map(({ correct }) => correct),
    meanBits: classes.map(({ bits, images }) => (images === 0 ? null : bits / images)),
  };
}

const examplesPerPath = 12;

/** The first test images on each path, for people to look at. */
export function examplesOf(
  { lambda, replay: taken }: { lambda: number; replay: Replay },
  test: PathTable<"test">,
): Results["examples"] {
  return test.paths.flatMap((path, p) => {
    const images: { id: number; label: number; predicted: number }[] = [];
    for (let id = 0; id < test.count && images.length < examplesPerPath; id++) {
      if (taken.pathIndex[id] === p)
        images.push({ id, label: test.labels[id] ?? 0, predicted: taken.prediction[id] ?? 0 });
    }
    return images.length === 0 ? [] : [{ path: pathKey(path), lambda, images }];
  });
}
