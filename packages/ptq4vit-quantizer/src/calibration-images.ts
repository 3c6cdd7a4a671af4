import { QueeError } from "@quee/core";

/** The error of a calibration on nothing. */
export function noCalibrationImages(): QueeError {
  return new QueeError({
    code: "E_NO_CALIBRATION_IMAGES",
    kind: "input",
    where: "calibration images",
    expected: "at least one",
    got: "none",
    hint: "If batches come from a generator, hand over the function that makes it: each pass asks anew",
  });
}
