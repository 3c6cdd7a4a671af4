import { QueeError } from "@quee/core";

/** The error of a calibration on nothing. */
export function noCalibrationImages(): QueeError {
  return new QueeError({
    code: "E_NO_CALIBRATION_IMAGES",
    kind: "input",
    where: "calibration images",
    expected: "at least one",
    got: "none",
    hint,
  });
}

/** The error of a pass that sees other images than the first. */
export function otherImages(expected: number, got: number): QueeError {
  return new QueeError({
    code: "E_OTHER_CALIBRATION_IMAGES",
    kind: "input",
    where: "calibration images",
    expected: `the same ${expected} in the same batches at each pass`,
    got: `${got}, or other batches`,
    hint,
  });
}

const hint = "If batches come from a generator, hand over the function that makes it: each pass asks anew";
