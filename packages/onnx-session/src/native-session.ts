import { QueeError } from "@quee/core";
import * as ort from "onnxruntime-node";
import { nativeError } from "./native-errors.js";
import { nativeOptions, type SessionOptions } from "./session-options.js";

/** One open model that speaks onnxruntime's tensors. What is asked of it is checked by name here, so that messages say the name. */
export class NativeSession {
  readonly name: string;
  readonly #session: ort.InferenceSession;
  readonly #types: ReadonlyMap<string, ort.Tensor.Type>;

  private constructor(name: string, session: ort.InferenceSession, types: ReadonlyMap<string, ort.Tensor.Type>) {
    this.name = name;
    this.#session = session;
    this.#types = types;
  }

  static async open(bytes: Uint8Array, options: SessionOptions & { readonly name: string }): Promise<NativeSession> {
    try {
      const session = await ort.InferenceSession.create(bytes, nativeOptions(options));
      const types = new Map<string, ort.Tensor.Type>();
      for (const value of session.inputMetadata) if (value.isTensor) types.set(value.name, value.type);
      for (const name of [...session.inputNames, ...session.outputNames]) {
        // The native binding keeps values in a plain object, where this name means something else.
        if (name === "__proto__") throw new Error('a value named "__proto__"');
      }
      return new NativeSession(options.name, session, types);
    } catch (cause) {
      throw nativeError("E_SESSION_OPEN", options.name, cause);
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /** Element type of an input, which must be one of the model. */
  typeOf(input: string): ort.Tensor.Type {
    const type = this.#types.get(input);
    if (type === undefined) throw this.#unknown("an input", this.inputNames, input);
    return type;
  }

  /** @param fetch outputs to return; asking for fewer does not shorten the run */
  async run(
    feeds: ReadonlyMap<string, ort.Tensor>,
    fetch: readonly string[] = this.outputNames,
  ): Promise<ReadonlyMap<string, ort.Tensor>> {
    for (const name of feeds.keys()) this.typeOf(name);
    for (const name of this.inputNames) {
      if (!feeds.has(name)) throw this.#wrong(`a value for the input "${name}"`, "none");
    }
    for (const name of fetch) {
      if (!this.outputNames.includes(name)) throw this.#unknown("an output", this.outputNames, name);
    }
    try {
      const results = await this.#session.run(Object.fromEntries(feeds), fetch);
      return new Map(Object.entries(results));
    } catch (cause) {
      throw nativeError("E_SESSION_RUN", this.name, cause);
    }
  }

  async release(): Promise<void> {
    await this.#session.release();
  }

  #unknown(what: string, known: readonly string[], got: string): QueeError {
    return this.#wrong(`${what} of ${known.map((name) => `"${name}"`).join(", ")}`, `"${got}"`);
  }

  #wrong(expected: string, got: string): QueeError {
    return new QueeError({ code: "E_SESSION_FEED", kind: "internal", where: `model "${this.name}"`, expected, got });
  }
}
