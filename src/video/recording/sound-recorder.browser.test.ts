import { expect, test } from 'vitest';
import type { EncodedSound } from './media-muxer.ts';
import type { RedactedMediaWriter } from './redacted-media-writer.ts';
import { SOUND_RATE } from './sound-choice.ts';
import { SoundRecorder, type SoundEnd } from './sound-recorder.ts';
import { strongestHz, tone } from './tone-fixture.contract.ts';

const HZ = 500;
const CHUNK_US = 10_000;

/** A recorder, the end of its track, and what it gives to be written. */
async function recorder() {
  const written: EncodedSound[] = [];
  const ends: boolean[] = [];
  const told: SoundEnd[] = [];
  const given: { controller?: ReadableStreamDefaultController<AudioData> } = {};
  const cancelled: unknown[] = [];
  const stream = new ReadableStream<AudioData>({ start: (controller) => { given.controller = controller; }, cancel: (reason) => { cancelled.push(reason); } }, { highWaterMark: 1000 });
  const writer = { writeSound: (sound: EncodedSound) => written.push(sound), endSound: (drop: boolean) => ends.push(drop) } as unknown as RedactedMediaWriter;
  const sound = new SoundRecorder(stream, await SoundRecorder.choose('webm'), writer, (end) => told.push(end));
  const send = (atUs: number, rate = SOUND_RATE, channels = 1): AudioData => {
    const plane = tone(HZ, atUs, CHUNK_US, rate);
    const data = new Float32Array(plane.length * channels);
    for (let channel = 0; channel < channels; channel += 1) data.set(plane, channel * plane.length);
    const chunk = new AudioData({ format: 'f32-planar', sampleRate: rate, numberOfFrames: plane.length, numberOfChannels: channels, timestamp: atUs, data });
    // Nobody takes it any more.
    if (cancelled.length > 0) chunk.close();
    else given.controller!.enqueue(chunk);
    return chunk;
  };
  /** In real time, as pictures come: one each 100 ms. */
  const play = async (fromUs: number, untilUs: number, rateAt: (atUs: number) => number = () => SOUND_RATE, channels = 1): Promise<AudioData[]> => {
    const sent: AudioData[] = [];
    for (let atUs = fromUs; atUs < untilUs; atUs += 100_000) {
      sound.picture(atUs, performance.now());
      await new Promise((resolve) => { setTimeout(resolve, 100); });
      for (let chunkUs = atUs; chunkUs < atUs + 100_000; chunkUs += CHUNK_US) sent.push(send(chunkUs, rateAt(chunkUs), channels));
    }
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    return sent;
  };
  return { sound, written, ends, told, play, cancelled, close: () => { given.controller!.close(); } };
}

/** What a player hears of it. */
async function hear(written: readonly EncodedSound[]): Promise<Float32Array> {
  const planes: Float32Array[] = [];
  const decoder = new AudioDecoder({
    output: (data) => {
      const plane = new Float32Array(data.numberOfFrames);
      data.copyTo(plane, { planeIndex: 0, format: 'f32-planar' });
      planes.push(plane);
      data.close();
    },
    error: (error) => { throw error; },
  });
  decoder.configure(written[0]!.decoderConfig!);
  for (const { data, timeUs, durationUs } of written) decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: timeUs, duration: durationUs, data }));
  await decoder.flush();
  decoder.close();
  return Float32Array.from(planes.flatMap((plane) => [...plane]));
}

const loudest = (samples: Float32Array): number => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
const LOUD = { pictureDelayMs: 0, isSilenced: false };

test('silence until it is told that it may listen, and while it is told not to; every stretch is closed', async () => {
  const { sound, written, play } = await recorder();
  const sent = await play(0, 400_000);
  sound.take(LOUD);
  sent.push(...(await play(400_000, 1_000_000)));
  sound.take({ ...LOUD, isSilenced: true });
  sent.push(...(await play(1_000_000, 1_400_000)));
  await sound.finish();
  const heard = await hear(written);
  const between = (fromS: number, toS: number): number => loudest(heard.subarray(fromS * SOUND_RATE, toS * SOUND_RATE));
  expect(between(0.05, 0.3)).toBeLessThan(0.01);
  expect(between(0.6, 0.9)).toBeGreaterThan(0.3);
  expect(between(1.15, 1.35)).toBeLessThan(0.01);
  expect(sent.every(({ numberOfFrames }) => numberOfFrames === 0)).toBe(true);
});

test('a device that changes its rate and its channels in the middle keeps the pitch', async () => {
  const { sound, written, play, told } = await recorder();
  sound.take(LOUD);
  await play(0, 700_000, () => 44_100);
  await play(700_000, 1_400_000, (atUs) => (atUs < 1_000_000 ? 16_000 : 48_000), 2);
  await sound.finish();
  expect(told).toEqual([]);
  const heard = await hear(written);
  for (const [fromS, toS] of [[0.2, 0.6], [0.75, 0.95], [1.05, 1.3]] as const) expect(Math.abs(strongestHz(heard.subarray(fromS * SOUND_RATE, toS * SOUND_RATE)) - HZ), `${fromS} s`).toBeLessThanOrEqual(6);
});

test('a track that ends is told once, what was heard before stays, and the picture goes on', async () => {
  const { sound, written, play, told, ends, close } = await recorder();
  sound.take(LOUD);
  await play(0, 500_000);
  close();
  await expect.poll(() => told).toEqual([null]);
  expect(ends).toEqual([false]);
  expect(written.length).toBeGreaterThan(15);
  const before = written.length;
  sound.picture(3_000_000, performance.now());
  await sound.finish();
  expect(written).toHaveLength(before);
});

test('ended from outside, nothing of what waits is written, and the track is let go', async () => {
  const { sound, written, play, told, ends, cancelled } = await recorder();
  sound.take(LOUD);
  await play(0, 300_000);
  await sound.end();
  const before = written.length;
  sound.picture(3_000_000, performance.now());
  await new Promise((resolve) => { setTimeout(resolve, 100); });
  expect(written).toHaveLength(before);
  expect([told, ends, cancelled.length]).toEqual([[], [true], 1]);
});

test('where no sound comes, silence follows the picture at a distance', async () => {
  const { sound, written } = await recorder();
  for (let atUs = 0; atUs <= 2_000_000; atUs += 100_000) sound.picture(atUs, performance.now() + atUs / 1000);
  await sound.finish();
  const endUs = written.reduce((end, { timeUs, durationUs }) => Math.max(end, timeUs + durationUs), 0);
  expect(endUs).toBeGreaterThan(1_950_000);
  expect(loudest(await hear(written))).toBeLessThan(0.001);
});

test('an encoder that fails in the middle is told once; the picture goes on', async () => {
  const Real = globalThis.AudioEncoder;
  let encoded = 0;
  globalThis.AudioEncoder = class extends Real {
    readonly #fail: (error: DOMException) => void;
    constructor(init: AudioEncoderInit) {
      super(init);
      this.#fail = init.error;
    }
    override encode(data: AudioData): void {
      encoded += 1;
      if (encoded === 20) this.#fail(new DOMException('the encoder is gone', 'EncodingError'));
      else super.encode(data);
    }
  };
  try {
    const { sound, play, told, ends, cancelled } = await recorder();
    sound.take(LOUD);
    await play(0, 500_000);
    expect(cancelled).toHaveLength(1);
    expect(told).toMatchObject([{ code: 'ERR_ENCODER_FAILED', details: { field: 'audio' } }]);
    expect(ends).toEqual([true]);
    await sound.finish();
    expect(told).toHaveLength(1);
  } finally {
    globalThis.AudioEncoder = Real;
  }
});
