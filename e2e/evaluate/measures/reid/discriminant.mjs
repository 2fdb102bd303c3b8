// Somebody who trains on covered faces: a regularised linear discriminant (Fisher 1936; shrinkage of the covariance after Friedman 1989).

import { shareBelow } from './identify.mjs';

/** Shares of the diagonal that are tried. */
const SHRINKAGES = [0.01, 0.1, 0.5, 1];
/** Held back samples of a picture that are asked: they differ little. */
const ASKED = 2;
/** Keeps features that never change harmless, squared units of a feature. */
const FLOOR = 1e-6;

/**
 * @typedef {{ features: ArrayLike<number>, person: number, picture: number }} Sample `person` from 0 on without gaps; samples of one picture are not independent.
 */

/**
 * Fits a classifier. How much is regularised is chosen by holding back one picture of each person that has two.
 * @param {readonly Sample[]} samples @param {number} people
 * @returns {{ shrinkage: number, scores(features: ArrayLike<number>): Float64Array }} scores of each person, the higher the likelier.
 */
export function fitDiscriminant(samples, people) {
  const lastOf = new Map(samples.map(({ person, picture }) => [person, picture]));
  const pictures = samples.reduce((/** @type {Map<number, Set<number>>} */ all, { person, picture }) => all.set(person, (all.get(person) ?? new Set()).add(picture)), new Map());
  const isHeld = (/** @type {Sample} */ { person, picture }) => (pictures.get(person)?.size ?? 0) > 1 && lastOf.get(person) === picture;
  const centre = meanOf(samples);
  const [rest, held] = [samples.filter((sample) => !isHeld(sample)), samples.filter(isHeld)];
  const sums = sumsOf(rest, people, centre);
  let shrinkage = SHRINKAGES[1];
  if (held.length > 0) {
    const spread = spreadOf(sums);
    /** @type {Map<number, number>} */
    const times = new Map();
    const asked = held.filter(({ picture }) => times.set(picture, (times.get(picture) ?? 0) + 1) && (times.get(picture) ?? 0) <= ASKED);
    let best = -1;
    for (const candidate of SHRINKAGES) {
      const { scores } = solved(spread, candidate);
      const right = asked.reduce((sum, { features, person }) => sum + shareBelow(scores(features), person), 0) / asked.length;
      if (right > best) [best, shrinkage] = [right, candidate];
    }
  }
  return { shrinkage, ...solved(spreadOf(joined(sums, sumsOf(held, people, centre))), shrinkage) };
}

function meanOf(/** @type {readonly Sample[]} */ samples) {
  const mean = new Float64Array(samples[0].features.length);
  for (const { features } of samples) for (let i = 0; i < mean.length; i++) mean[i] += features[i] / samples.length;
  return mean;
}

/** Number and sum of each person's samples, and the sum of all products, about one centre. */
function sumsOf(/** @type {readonly Sample[]} */ samples, /** @type {number} */ people, /** @type {Float64Array} */ centre) {
  const d = centre.length;
  const counts = new Float64Array(people);
  const sums = Array.from({ length: people }, () => new Float64Array(d));
  const products = new Float64Array(d * d);
  const off = new Float64Array(d);
  for (const { features, person } of samples) {
    counts[person] += 1;
    for (let i = 0; i < d; i++) sums[person][i] += off[i] = features[i] - centre[i];
    for (let i = 0; i < d; i++) {
      const [value, row] = [off[i], i * d];
      for (let j = 0; j <= i; j++) products[row + j] += value * off[j];
    }
  }
  return { d, centre, counts, sums, products, samples: samples.length };
}

function joined(/** @type {ReturnType<typeof sumsOf>} */ a, /** @type {ReturnType<typeof sumsOf>} */ b) {
  const plus = (/** @type {Float64Array} */ one, /** @type {Float64Array} */ other) => one.map((value, i) => value + other[i]);
  return { ...a, counts: plus(a.counts, b.counts), sums: a.sums.map((sum, person) => plus(sum, b.sums[person])), products: plus(a.products, b.products), samples: a.samples + b.samples };
}

/** Mean of each person about the mean of all, and the covariance within people. */
function spreadOf(/** @type {ReturnType<typeof sumsOf>} */ { d, centre, counts, sums, products, samples }) {
  const present = Array.from(counts, (count) => count > 0);
  const means = sums.map((sum, person) => sum.map((value) => value / Math.max(1, counts[person])));
  const within = products.slice();
  for (const [person, mean] of means.entries()) {
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) within[i * d + j] -= counts[person] * mean[i] * mean[j];
  }
  for (let i = 0; i < d * d; i++) within[i] /= samples;
  return { d, means, present, centre, within };
}

function solved(/** @type {ReturnType<typeof spreadOf>} */ { d, means, present, centre, within }, /** @type {number} */ shrinkage) {
  const matrix = Float64Array.from(within);
  let trace = 0;
  for (let i = 0; i < d; i++) trace += within[i * d + i];
  const ridge = (shrinkage * trace) / d + FLOOR;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) matrix[i * d + j] *= 1 - Math.min(shrinkage, 0.99);
    matrix[i * d + i] += ridge;
  }
  decompose(matrix, d);
  const weights = means.map((mean) => solve(matrix, mean.slice(), d));
  const offsets = weights.map((weight, person) => -0.5 * weight.reduce((sum, value, i) => sum + value * means[person][i], 0));
  return {
    scores(/** @type {ArrayLike<number>} */ features) {
      return Float64Array.from(weights, (weight, person) => {
        if (!present[person]) return -Infinity;
        let sum = offsets[person];
        for (let i = 0; i < d; i++) sum += weight[i] * (features[i] - centre[i]);
        // Differences in the last digit are none: equal features are to be equal scores.
        return Math.round(sum * 1e6) / 1e6;
      });
    },
  };
}

/** Cholesky, in the lower half. */
function decompose(/** @type {Float64Array} */ matrix, /** @type {number} */ d) {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j];
      const [a, b] = [i * d, j * d];
      for (let k = 0; k < j; k++) sum -= matrix[a + k] * matrix[b + k];
      if (i === j) {
        if (!(sum > 0)) throw new Error('the covariance is not positive');
        matrix[a + i] = Math.sqrt(sum);
      } else {
        matrix[a + j] = sum / matrix[b + j];
      }
    }
  }
}

function solve(/** @type {Float64Array} */ lower, /** @type {Float64Array} */ right, /** @type {number} */ d) {
  for (let i = 0; i < d; i++) {
    let sum = right[i];
    for (let k = 0; k < i; k++) sum -= lower[i * d + k] * right[k];
    right[i] = sum / lower[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    let sum = right[i];
    for (let k = i + 1; k < d; k++) sum -= lower[k * d + i] * right[k];
    right[i] = sum / lower[i * d + i];
  }
  return right;
}
