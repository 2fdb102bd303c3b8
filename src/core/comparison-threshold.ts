/**
 * From which score on two protected templates count as one person, and how often strangers reach it: measured on 60,000 pairs of
 * strangers of Labeled Faces in the Wild, single pictures as they are. Numbers in docs/decisions/0010-template-protection.md.
 */
export const COMPARISON_THRESHOLD = Object.freeze({
  /** Share of equal bits, 0 to 1. */
  score: 0.718,
  /** Strangers that reach it, 0 to 1. */
  falseAcceptRate: 0.001,
  measuredOn: 'LFW',
} as const);

/**
 * From which score on two views that are said to be of one person are believed to be (of a claim, of the pictures of one enrolment): one
 * stranger in a hundred reaches it.
 */
export const SAME_PERSON_SCORE = 0.682;
