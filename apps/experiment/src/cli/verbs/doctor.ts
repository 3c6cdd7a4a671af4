import { type Command, InvalidArgumentError, Option } from "commander";
import { doctor } from "../../doctor/doctor.js";

interface DoctorOptions {
  readonly exits?: readonly number[];
  readonly json?: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("what is found in a network, and what would stop it; without one, whether the installation works")
    .argument("[model]", "an .onnx file, or a folder with a model.onnx")
    .addOption(
      new Option("--exits <layers>", "layers that an exit follows, e.g. 2,4,7; without it some are proposed").argParser(
        parseExits,
      ),
    )
    .option("--json", "the findings as JSON on standard output, errors as JSON")
    .action((model: string | undefined, { exits, json }: DoctorOptions) =>
      doctor({ ...(model === undefined ? {} : { model }), exits: exits ?? null, isJson: json === true }),
    );
}

function parseExits(text: string): readonly number[] {
  if (!/^\d+(,\d+)*$/.test(text)) throw new InvalidArgumentError("expected layers such as 2,4,7.");
  return text.split(",").map(Number);
}
