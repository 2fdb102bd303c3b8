import { expect, it } from 'vitest';
import { inTurn } from './onnx-runtime.ts';

function held() {
  let release = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { done, release };
}

it('runs the work of one runtime one after the other, also after one has failed, and that of another meanwhile', async () => {
  const runtime = {};
  const first = held();
  const order: string[] = [];
  const note = (name: string, until: Promise<void> = Promise.resolve()) => async (): Promise<string> => {
    order.push(`${name} starts`);
    await until;
    order.push(`${name} ends`);
    if (name === 'b') throw new Error(name);
    return name;
  };
  const a = inTurn(runtime, note('a', first.done));
  const b = inTurn(runtime, note('b'));
  const c = inTurn(runtime, note('c'));
  expect(await inTurn({}, note('elsewhere'))).toBe('elsewhere');
  first.release();
  expect(await a).toBe('a');
  await expect(b).rejects.toThrow('b');
  expect(await c).toBe('c');
  expect(order).toEqual(['a starts', 'elsewhere starts', 'elsewhere ends', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});
