import { availableParallelism } from "node:os";
import { InvalidArgumentError } from "commander";

/** Options of every verb on a config. */
export interface CommonOptions {
  readonly out?: string;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly threads: number;
  readonly seed?: number;
}

const mostThreads = 256;

/** Workers of one thread each, when the user does not say. */
export function defaultThreads(): number {
  return Math.min(availableParallelism(), 8);
}

export function parseThreads(text: string): number {
  return wholeNumber(text, 1, mostThreads);
}

export function parseSeed(text: string): number {
  return wholeNumber(text, 0, 2 ** 32 - 1);
}

export function wholeNumber(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}.`);
  }
  return value;
}
