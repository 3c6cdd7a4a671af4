/** What may happen to an image between the camera and the network. */
export const corruptionKinds = ["noise", "blur", "contrast", "brightness", "jpeg"] as const;
export type CorruptionKind = (typeof corruptionKinds)[number];

/** Each kind is graded 1 (hardly seen) … 5 (hard to recognise). */
export const strengths = 5;
