import { expect, test } from 'vitest';
import { isFaster } from './contest.ts';

/** Runs that take known times of one clock, and count themselves. */
function contest(challengerMs: (run: number) => number, incumbentMs: (run: number) => number) {
  let nowMs = 0;
  const counts = { challenger: 0, incumbent: 0 };
  const runs = {
    challenger: () => Promise.resolve((nowMs += challengerMs(counts.challenger++))),
    incumbent: () => Promise.resolve((nowMs += incumbentMs(counts.incumbent++))),
  };
  return { counts, answer: isFaster(runs.challenger, runs.incumbent, { now: () => nowMs }) };
}

test('the faster challenger wins, however slow its first run', async () => {
  expect(await contest((run) => (run === 0 ? 900 : 5), () => 10).answer).toBe(true);
});

test('one slow run does not lose it, one fast run does not win it', async () => {
  expect(await contest((run) => (run === 3 ? 30 : 5), () => 10).answer).toBe(true);
  expect(await contest((run) => (run === 3 ? 1 : 12), () => 10).answer).toBe(false);
});

test('a tie goes to the incumbent', async () => {
  expect(await contest(() => 10, () => 10).answer).toBe(false);
  expect(await contest(() => 9, () => 10).answer).toBe(false);
});

test('a hopeless challenger is given up after one round', async () => {
  const { answer, counts } = contest(() => 500, () => 10);
  expect(await answer).toBe(false);
  expect(counts.challenger).toBe(2);
});

test('a challenger that fails is told', async () => {
  await expect(isFaster(() => Promise.reject(new Error('no GPU')), () => Promise.resolve(), { now: () => 0 })).rejects.toThrow('no GPU');
});
