import { expect, test } from 'vitest';
import { assign } from './assignment.ts';

function mulberry(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function totalOf(costs: Float64Array, columns: number, skipCost: number, columnOf: Iterable<number>): number {
  return [...columnOf].reduce((sum, column, row) => sum + (column < 0 ? skipCost : (costs[row * columns + column] ?? NaN)), 0);
}

function cheapest(costs: Float64Array, rows: number, columns: number, skipCost: number, row = 0, used = 0): number {
  if (row === rows) return 0;
  let best = skipCost + cheapest(costs, rows, columns, skipCost, row + 1, used);
  for (let column = 0; column < columns; column++) {
    const cost = costs[row * columns + column] ?? Infinity;
    if ((used & (1 << column)) !== 0 || cost >= skipCost) continue;
    best = Math.min(best, cost + cheapest(costs, rows, columns, skipCost, row + 1, used | (1 << column)));
  }
  return best;
}

test.each([1, 2, 3, 4])('finds the cheapest assignment, as trying all of them does (seed %i, 150 problems)', (seed) => {
  const random = mulberry(seed);
  for (let round = 0; round < 150; round++) {
    const rows = Math.floor(random() * 6);
    const columns = Math.floor(random() * 6);
    const costs = Float64Array.from({ length: rows * columns }, () => (random() < 0.3 ? Infinity : random() * 3));
    const columnOf = assign(costs, rows, columns, 2);
    expect(columnOf).toHaveLength(rows);
    const chosen = [...columnOf].filter((column) => column >= 0);
    expect(new Set(chosen).size).toBe(chosen.length);
    expect(totalOf(costs, columns, 2, columnOf)).toBeCloseTo(cheapest(costs, rows, columns, 2), 9);
  }
});

test('a row that moved by one seat is kept apart, where the nearest pair first would swap it', () => {
  // Greedy takes (0, 1) at 0.1 and leaves row 1 alone.
  const costs = Float64Array.from([0.4, 0.1, Infinity, 0.3]);
  expect([...assign(costs, 2, 2, 8)]).toEqual([0, 1]);
});

test('a pair at the skip cost or with NaN is never chosen', () => {
  expect([...assign(Float64Array.from([2, NaN]), 1, 2, 2)]).toEqual([-1]);
});
