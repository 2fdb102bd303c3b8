import type * as ort from 'onnxruntime-web/wasm';
import { expect, it } from 'vitest';
import { inTurn, knowCompiled, startRuntime } from './onnx-runtime.ts';

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

it('starts from a module that was compiled before, once, and leaves everything else to the browser', async () => {
  const given = WebAssembly.instantiate;
  const source = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const module = await WebAssembly.compile(source);
  // Bytes that cannot be compiled: what comes of them comes of the module.
  const bytes = new ArrayBuffer(8);
  knowCompiled(bytes, module);
  const env = { wasm: {} } as ort.Env;
  startRuntime({ env }, bytes);
  expect(env.wasm.wasmBinary).toBe(bytes);
  expect((await WebAssembly.instantiate(source)).module).not.toBe(module);
  // As the runtime's glue does it.
  const started = await WebAssembly.instantiate(new Uint8Array(bytes), {});
  expect(started.module).toBe(module);
  expect(started.instance).toBeInstanceOf(WebAssembly.Instance);
  expect(WebAssembly.instantiate).toBe(given);
  await expect(WebAssembly.instantiate(bytes)).rejects.toBeInstanceOf(WebAssembly.CompileError);
});

it('leaves WebAssembly alone where only bytes are there', () => {
  const given = WebAssembly.instantiate;
  startRuntime({ env: { wasm: {} } as ort.Env }, new ArrayBuffer(8));
  expect(WebAssembly.instantiate).toBe(given);
});
