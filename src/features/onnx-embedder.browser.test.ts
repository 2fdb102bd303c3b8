import * as ort from 'onnxruntime-web/wasm';
import { describe, expect, it } from 'vitest';
import { areModelsReady, readReadyFile } from '../video/detection/ready-files.contract.ts';
import { testEmbedder } from './embedder.contract.ts';
import { createOnnxEmbedder } from './onnx-embedder.ts';
import { loadOnnxNetwork } from './onnx-network.ts';

const FILES = ['ort-wasm-simd-threaded.wasm', 'face-resnet.onnx'];

async function readOptions() {
  const [runtimeWasm, model] = await Promise.all(FILES.map(readReadyFile));
  return { runtimeWasm: runtimeWasm!, model: model! };
}

describe.skipIf(!(await areModelsReady(FILES)))('ONNX Runtime Web (needs models/ready, made by `node models/prepare/index.mjs`)', () => {
  testEmbedder('ONNX Runtime Web', async () => createOnnxEmbedder(await readOptions()));

  it('says what it runs on', async () => {
    const embedder = await createOnnxEmbedder(await readOptions());
    expect([embedder.engine, embedder.threads]).toEqual(['wasm', 1]);
    embedder.close();
  });

  it('asks no one for anything while it loads and runs', async () => {
    const options = await readOptions();
    performance.clearResourceTimings();
    (await createOnnxEmbedder(options)).close();
    expect(performance.getEntriesByType('resource').map(({ name }) => name)).toEqual([]);
  });

  it('refuses a damaged model, and one with other weights', async () => {
    const { runtimeWasm, model } = await readOptions();
    await expect(createOnnxEmbedder({ runtimeWasm, model: model.slice(0, 1000) })).rejects.toMatchObject({ code: 'ERR_EMBEDDER_FAILED' });
    const other = new Uint8Array(model.slice());
    const middle = other.length >> 1;
    for (let i = 0; i < 20_000; i++) other[middle + i]! ^= 0x55;
    await expect(createOnnxEmbedder({ runtimeWasm, model: other.buffer })).rejects.toMatchObject({ code: 'ERR_SELF_TEST_FAILED' });
  });

  it.each([
    ['zeros', 0, 'ERR_EMBEDDER_FAILED'],
    ['no numbers', NaN, 'ERR_EMBEDDER_FAILED'],
    ['always the same', 0.1, 'ERR_SELF_TEST_FAILED'],
  ])('is not handed out when it answers %s', async (_, value, code) => {
    let released = false;
    const session = {
      run: ({ image }: { image: ort.Tensor }) => Promise.resolve({ vector: new ort.Tensor('float32', new Float32Array(image.dims[0]! * 128).fill(value), [image.dims[0]!, 128]) }),
      release: () => {
        released = true;
      },
    };
    const runtime = { Tensor: ort.Tensor, InferenceSession: { create: () => Promise.resolve(session) } } as unknown as typeof ort;
    await expect(loadOnnxNetwork('wasm', { runtime, providers: [], threads: 1 }, new ArrayBuffer(0))).rejects.toMatchObject({ code });
    await Promise.resolve();
    expect(released).toBe(true);
  });

  it('leaves neither pixels nor vectors in the memory it shares with the runtime', async () => {
    const { drawnCrop } = await import('./embedder-self-test.ts');
    const { runtimeWasm, model } = await readOptions();
    (await createOnnxEmbedder({ runtimeWasm, model })).close(); // starts the runtime
    const seen: Float32Array[] = [];
    const runtime = {
      Tensor: ort.Tensor,
      InferenceSession: {
        create: async (...given: Parameters<typeof ort.InferenceSession.create>) => {
          const session = await ort.InferenceSession.create(...given);
          return {
            run: async (feeds: { image: ort.Tensor }) => {
              const answer = await session.run(feeds);
              seen.push(feeds.image.data as Float32Array, answer['vector']!.data as Float32Array);
              return answer;
            },
            release: () => session.release(),
          };
        },
      },
    } as unknown as typeof ort;
    const embedder = await loadOnnxNetwork('wasm', { runtime, providers: ['wasm'], threads: 1 }, model);
    await embedder.embed([drawnCrop(false)]);
    embedder.close();
    expect(seen.length).toBeGreaterThanOrEqual(4);
    for (const buffer of seen) expect(buffer.every((value) => value === 0)).toBe(true);
  });
});
