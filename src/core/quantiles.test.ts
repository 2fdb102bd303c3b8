import { expect, test } from 'vitest';
import { createDurationWindow } from './quantiles.ts';

test('p50 and p95 are the nearest ranks of what was added', () => {
  const window = createDurationWindow(100);
  for (let i = 100; i >= 1; i--) window.add(i);
  expect(window.quantiles()).toEqual({ p50: 50, p95: 95 });
});

test('a window forgets the oldest when it is full', () => {
  const window = createDurationWindow(3);
  for (const ms of [1000, 1, 2, 3]) window.add(ms);
  expect(window.count).toBe(3);
  expect(window.quantiles()).toEqual({ p50: 2, p95: 3 });
});

test('an empty or cleared window answers 0', () => {
  const window = createDurationWindow(4);
  expect(window.quantiles()).toEqual({ p50: 0, p95: 0 });
  window.add(7);
  expect(window.quantiles()).toEqual({ p50: 7, p95: 7 });
  window.clear();
  expect(window.quantiles()).toEqual({ p50: 0, p95: 0 });
});

test('after clear old durations do not come back', () => {
  const window = createDurationWindow(4);
  for (const ms of [9, 9, 9, 9]) window.add(ms);
  window.clear();
  window.add(1);
  expect(window.quantiles()).toEqual({ p50: 1, p95: 1 });
});

test('what is not finite is left out', () => {
  const window = createDurationWindow(4);
  for (const ms of [NaN, Infinity, -Infinity, 5]) window.add(ms);
  expect(window.count).toBe(1);
  expect(window.quantiles()).toEqual({ p50: 5, p95: 5 });
});

test('reading does not disturb the order in which durations are forgotten', () => {
  const window = createDurationWindow(3);
  for (const ms of [30, 10, 20]) window.add(ms);
  window.quantiles();
  window.add(5); // replaces 30, not 10
  expect(window.quantiles()).toEqual({ p50: 10, p95: 20 });
});

test.each([0, -1, 1.5, NaN])('a capacity of %s is a TypeError', (capacity) => {
  expect(() => createDurationWindow(capacity)).toThrow(TypeError);
});
