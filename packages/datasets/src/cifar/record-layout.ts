/** A label byte of a record. */
export interface LabelByte {
  readonly name: string;
  readonly at: number;
  readonly most: number;
}

/** How a dataset of fixed-size records lies on disk: label bytes, then the planes R, G, B of 32×32 pixels. */
export interface RecordLayout {
  /** For messages. */
  readonly title: string;
  readonly recordBytes: number;
  readonly labels: readonly LabelByte[];
  /** Where in a record the class stands. */
  readonly classAt: number;
  readonly classNames: readonly string[];
  /** Where a coarse label (byte 0) goes with the class: the one of every class. */
  readonly coarseLabels?: readonly number[];
  /** The publisher's archive and the folder inside it. */
  readonly archive: string;
  readonly folder: string;
}

const pixelBytes = 3 * 32 * 32;

export function recordLayout(facts: Omit<RecordLayout, "recordBytes">): RecordLayout {
  return { ...facts, recordBytes: facts.labels.length + pixelBytes };
}
