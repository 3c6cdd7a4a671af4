/** Names of what training graphs take and give besides the inputs and outputs of the forward graph. Vectors are [P]. */
export const stepNames = {
  parameters: "quee.parameters",
  gradient: "quee.gradient",
  firstMoment: "quee.first_moment",
  secondMoment: "quee.second_moment",
  learningRate: "quee.learning_rate",
  firstCorrection: "quee.first_correction",
  secondCorrection: "quee.second_correction",
  newParameters: "quee.new_parameters",
  newFirstMoment: "quee.new_first_moment",
  newSecondMoment: "quee.new_second_moment",
} as const;

/** Part `index` of the batch: its gradient, and its share of the samples. */
export const partNames = (index: number) => ({
  gradient: `quee.part_${index}.gradient`,
  share: `quee.part_${index}.share`,
});
