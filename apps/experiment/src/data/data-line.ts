/** One line about a file or a part of a dataset. */
export interface DataLine {
  readonly name: string;
  readonly isGood: boolean;
  /** Is not needed: its absence is no fault. */
  readonly isOptional: boolean;
  readonly text: string;
  /** For machines. */
  readonly facts: Readonly<Record<string, unknown>>;
}
