import { ALL_FORMATS, AudioSampleSink, BlobSource, EncodedPacketSink, Input } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import type { MediaPiece, RecordingContainer } from '../../core/recording.ts';
import { putBack } from '../../core/sound-patch.ts';
import { frameOfRedactedTrack } from '../redaction/mint-redacted-frame.ts';
import { chooseEncoder } from './encoder-choice.ts';
import { RedactedMediaWriter } from './redacted-media-writer.ts';
import { chooseSoundEncoder, SOUND_RATE } from './sound-choice.ts';
import { SoundEncoder } from './sound-encoder.ts';
import { strongestHz, tone } from './tone-fixture.contract.ts';

const SIZE = { width: 160, height: 90 };
const FRAMES = 90;
const STEP_US = 33_333;
const HZ = 440;

/** Three seconds of pictures; sound from `fromUs` to `untilUs` of them, in stretches of 10 ms. */
async function record(container: RecordingContainer, { apart, fromUs = 0, untilUs = FRAMES * STEP_US + 500_000, endSoundAt = Infinity }: { readonly apart: boolean; readonly fromUs?: number; readonly untilUs?: number; readonly endSoundAt?: number }) {
  const pieces: MediaPiece[] = [];
  const failures: unknown[] = [];
  const sound = await chooseSoundEncoder(container, 1);
  const choice = await chooseEncoder({ containers: [container], ...SIZE, bitrate: null, latencyMode: 'quality' });
  const writer = await RedactedMediaWriter.open(choice, { onPiece: (piece) => pieces.push(piece), onFailure: (error) => failures.push(error) }, { codec: sound.codec, apart });
  const encoder = new SoundEncoder(sound, { onSound: (stretch) => { writer.writeSound(stretch); }, onFailure: (error) => failures.push(error) });
  let soundUs = fromUs;
  for (let index = 0; index < FRAMES; index += 1) {
    const timeUs = index * STEP_US;
    for (; soundUs < Math.min(timeUs + 200_000, untilUs); soundUs += 10_000) encoder.write([tone(HZ, soundUs, 10_000)], soundUs);
    if (timeUs >= endSoundAt) writer.endSound(true);
    const canvas = new OffscreenCanvas(SIZE.width, SIZE.height);
    canvas.getContext('2d')!.fillRect(0, 0, index, index);
    writer.write(frameOfRedactedTrack(new VideoFrame(canvas, { timestamp: timeUs })), timeUs);
    await writer.room(4);
  }
  await encoder.finish();
  writer.endSound(false);
  const { summary, hasSound, header } = await writer.finish();
  expect(failures).toEqual([]);
  return { pieces: [header!, ...pieces.slice(1)], live: pieces, summary, hasSound };
}

const silent = (pieces: readonly MediaPiece[]): Blob => new Blob(pieces.map(({ bytes }) => bytes));
const whole = (pieces: readonly MediaPiece[]): Blob =>
  new Blob(pieces.map(({ bytes, sound }) => {
    const copy = bytes.slice();
    if (sound !== undefined) putBack(copy, sound);
    return copy;
  }));

async function read(media: Blob) {
  using input = new Input({ source: new BlobSource(media), formats: ALL_FORMATS });
  const pictures: number[] = [];
  for await (const { timestamp } of new EncodedPacketSink((await input.getPrimaryVideoTrack())!).packets()) pictures.push(timestamp);
  const tracks = await input.getAudioTracks();
  const heard: { readonly at: number; readonly samples: Float32Array }[] = [];
  if (tracks[0] !== undefined) {
    for await (const sample of new AudioSampleSink(tracks[0]).samples()) {
      const samples = new Float32Array(sample.numberOfFrames);
      sample.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      heard.push({ at: sample.timestamp, samples });
      sample.close();
    }
  }
  const untilS = heard.reduce((end, { at, samples }) => Math.max(end, at + samples.length / SOUND_RATE), 0);
  const between = (fromS: number, toS: number): Float32Array => Float32Array.from(heard.filter(({ at }) => at >= fromS && at < toS).flatMap(({ samples }) => [...samples]));
  return { pictures, tracks: tracks.length, untilS, between };
}

async function playsTo(media: Blob, type: string): Promise<number> {
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([media], { type }));
  await new Promise((resolve, reject) => {
    video.onloadeddata = resolve;
    video.onerror = () => { reject(new Error(video.error?.message)); };
  });
  video.currentTime = 2;
  await new Promise((resolve) => { video.onseeked = resolve; });
  URL.revokeObjectURL(video.src);
  return video.duration;
}

describe.each(['webm', 'mp4'] as const)('%s', (container) => {
  test('sound lies beside the pieces: without it they are the same file without a track of sound, with it the tone is there, in time', async () => {
    const { pieces, live, summary, hasSound } = await record(container, { apart: true });
    expect(hasSound).toBe(true);
    expect(pieces.reduce((sum, { frames }) => sum + frames, 0)).toBe(FRAMES);
    for (const { fromUs, untilUs } of live) expect(untilUs - fromUs).toBeLessThan(1_200_000);
    const [without, withIt] = [await read(silent(pieces)), await read(whole(pieces))];
    expect(without).toMatchObject({ tracks: 0, untilS: 0 });
    expect(without.pictures).toHaveLength(FRAMES);
    expect(withIt.tracks).toBe(1);
    expect(withIt.pictures).toEqual(without.pictures);
    // To the end of the pictures, not to the end of the sound.
    expect(Math.abs(withIt.untilS - summary.durationUs / 1e6)).toBeLessThan(0.05);
    expect(Math.abs(strongestHz(withIt.between(1, 2)) - HZ)).toBeLessThan(3);
    expect(silent(pieces).size).toBe(whole(pieces).size);
    for (const media of [silent(pieces), whole(pieces)]) expect(await playsTo(media, summary.mimeType)).toBeCloseTo(summary.durationUs / 1e6, 1);
  });

  test('a file that was cut off after a piece has its sound up to there, and none without', async () => {
    const { live } = await record(container, { apart: true });
    const kept = live.slice(0, 3);
    const [without, withIt] = [await read(silent(kept)), await read(whole(kept))];
    expect(without.tracks).toBe(0);
    expect(withIt.tracks).toBe(1);
    const endS = kept.at(-1)!.untilUs / 1e6;
    expect(withIt.untilS).toBeGreaterThan(endS - 0.1);
    expect(Math.abs(strongestHz(withIt.between(0.5, 1.5)) - HZ)).toBeLessThan(3);
  });

  test('where sound comes late, pauses and ends early, the rest is silence and the picture goes on', async () => {
    const late = await record(container, { apart: true, fromUs: 1_500_000 });
    const heard = await read(whole(late.pieces));
    expect(Math.max(...heard.between(0.1, 1.4).map(Math.abs))).toBeLessThan(0.01);
    expect(Math.max(...heard.between(1.6, 2.5).map(Math.abs))).toBeGreaterThan(0.2);
    const ended = await record(container, { apart: true, endSoundAt: 1_500_000 });
    expect(ended.pieces.reduce((sum, { frames }) => sum + frames, 0)).toBe(FRAMES);
    const rest = await read(whole(ended.pieces));
    expect(rest.pictures).toHaveLength(FRAMES);
    // What waited for its picture at that moment is gone, too: pictures are encoded here more slowly than they come.
    expect(rest.untilS).toBeLessThan(1.6);
    expect(rest.untilS).toBeGreaterThan(0);
  });

  test('where it is not kept apart, it is in the pieces', async () => {
    const { pieces } = await record(container, { apart: false });
    expect(pieces.some(({ sound }) => sound !== undefined)).toBe(false);
    expect((await read(silent(pieces))).tracks).toBe(1);
  });
});

test('silence takes as many bytes as speech: lengths do not tell when somebody speaks', async () => {
  const lengths = new Set<number>();
  const encoder = new SoundEncoder(await chooseSoundEncoder('webm', 1), { onSound: ({ data }) => { lengths.add(data.length); }, onFailure: (error) => { throw error; } });
  for (let atUs = 0; atUs < 2_000_000; atUs += 100_000) encoder.write([atUs % 400_000 === 0 ? tone(HZ, atUs, 100_000) : new Float32Array(SOUND_RATE / 10)], atUs);
  await encoder.finish();
  expect(lengths.size).toBe(1);
});

test('an encoder that is not there is told before anything is recorded', async () => {
  const real = AudioEncoder.isConfigSupported.bind(AudioEncoder);
  AudioEncoder.isConfigSupported = (config) => Promise.resolve({ supported: false, config });
  try {
    await expect(chooseSoundEncoder('mp4', 1)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED', details: { field: 'audio' } });
  } finally {
    AudioEncoder.isConfigSupported = real;
  }
});
