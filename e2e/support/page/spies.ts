import { real } from './real.ts';
import { Recorder } from './recorder.ts';

/** What the spies noted; every list is in order of time. */
export interface Spied {
  /** Looks at pixels on the main thread: what was called, on what. */
  readonly pixelCalls: string[];
  /** `VideoFrame` handles made on the main thread, and whether each was given away within the task that made it. */
  readonly handles: { from: string; transferred: boolean | null }[];
  /** Streams of raw frames that were opened on the main thread, and whether each was given away within the task that opened it. */
  readonly streams: { transferred: boolean | null }[];
  /** Size in bytes of what came to the main thread in binary form, by worker or port. */
  readonly bytesHeard: number[];
  /** Questions to the devices and permissions of the browser. */
  readonly deviceCalls: string[];
  /** Tracks that `getUserMedia` gave. */
  readonly cameraTracks: MediaStreamTrack[];
  readonly workers: Worker[];
  /** Whether output tracks get a recorder; without one nobody reads them. */
  recording: boolean;
  /** A recorder for each output track, from before its first frame. */
  readonly recorders: Map<MediaStreamTrack, Recorder>;
}

type Anything = (...args: unknown[]) => unknown;

/** Replaces a method by one that calls `note` first. */
function watch(owner: object, name: string, note: (self: unknown, args: unknown[]) => void): void {
  const holder = owner as Record<string, Anything>;
  const original = holder[name];
  if (original === undefined) return;
  holder[name] = function (this: unknown, ...args: unknown[]) {
    note(this, args);
    return original.apply(this, args);
  };
}

/** Replaces a global class by one that calls `made` with each instance. */
function watchClass(name: string, made: (instance: object, args: unknown[]) => void): void {
  const scope = globalThis as unknown as Record<string, (new (...args: unknown[]) => object) | undefined>;
  const original = scope[name];
  if (original === undefined) return;
  scope[name] = new Proxy(original, {
    construct(target, args: unknown[], newTarget) {
      const instance = Reflect.construct(target, args, newTarget) as object;
      made(instance, args);
      return instance;
    },
  });
}

const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Stands in front of every door to pixels and devices. To be called before the library is imported. */
export function installSpies(): Spied {
  const spied: Spied = { pixelCalls: [], handles: [], streams: [], bytesHeard: [], deviceCalls: [], cameraTracks: [], workers: [], recording: true, recorders: new Map() };
  const rawFrames = new WeakSet<object>();
  const rawStreams = new WeakSet<object>();
  const look = (name: string) => (self: unknown, args: unknown[]) => {
    spied.pixelCalls.push(`${kindOf(self ?? globalThis)}.${name}(${args.map(kindOf).join(', ')})`);
  };

  watchClass('VideoFrame', (frame, [from]) => {
    rawFrames.add(frame);
    const handle = { from: kindOf(from), transferred: null as boolean | null };
    spied.handles.push(handle);
    // Microtasks run when the task's own code is done: a frame that was transferred is detached by then.
    queueMicrotask(() => {
      handle.transferred = (frame as VideoFrame).codedWidth === 0;
    });
  });
  for (const name of ['copyTo', 'clone', 'allocationSize']) watch(VideoFrame.prototype, name, look(name));
  // Showing a redacted frame that came from the worker is what the canvas is for; drawing anything else is a look.
  for (const owner of [CanvasRenderingContext2D.prototype, OffscreenCanvasRenderingContext2D.prototype]) {
    watch(owner, 'drawImage', (self, args) => {
      const [image] = args;
      if (!(image instanceof real.VideoFrame) || rawFrames.has(image)) look('drawImage')(self, args);
    });
    for (const name of ['getImageData', 'createPattern']) watch(owner, name, look(name));
  }
  for (const owner of [WebGLRenderingContext.prototype, WebGL2RenderingContext.prototype]) {
    for (const name of ['texImage2D', 'texSubImage2D', 'readPixels']) watch(owner, name, look(name));
  }
  for (const name of ['toBlob', 'toDataURL']) watch(HTMLCanvasElement.prototype, name, look(name));
  for (const name of ['convertToBlob', 'transferToImageBitmap']) watch(OffscreenCanvas.prototype, name, look(name));
  watch(globalThis, 'createImageBitmap', look('createImageBitmap'));
  watchClass('ImageCapture', (capture, args) => {
    look('new')(capture, args);
  });
  watchClass('MediaStreamTrackProcessor', (processor) => {
    const { readable } = processor as MediaStreamTrackProcessor<VideoFrame>;
    rawStreams.add(readable);
    const stream = { transferred: null as boolean | null };
    spied.streams.push(stream);
    // Locked by nobody else: every reader is looked for below.
    queueMicrotask(() => {
      stream.transferred = readable.locked;
    });
  });
  for (const name of ['getReader', 'pipeTo', 'pipeThrough', 'tee', 'values']) {
    watch(ReadableStream.prototype, name, (self, args) => {
      if (rawStreams.has(self as object)) look(name)(self, args);
    });
  }

  const hear = (from: object): void => {
    (from as EventTarget).addEventListener('message', (event) => {
      spied.bytesHeard.push(...binaryIn((event as MessageEvent).data, 0));
    });
  };
  watchClass('Worker', (worker) => {
    spied.workers.push(worker as Worker);
    hear(worker);
  });
  // A listener alone does not open a port: what is handed on is read by whoever gets it.
  watchClass('MessageChannel', (channel) => {
    const { port1, port2 } = channel as MessageChannel;
    hear(port1);
    hear(port2);
  });
  watchClass('MediaStreamTrackGenerator', (track) => {
    if (spied.recording) spied.recorders.set(track as MediaStreamTrack, new Recorder(track as MediaStreamTrack));
  });
  const capture = HTMLCanvasElement.prototype.captureStream;
  HTMLCanvasElement.prototype.captureStream = function (...args) {
    const stream = capture.apply(this, args);
    for (const track of stream.getVideoTracks()) spied.recorders.set(track, new Recorder(track));
    return stream;
  };
  watchDevices(spied);
  return spied;
}

/** Sizes of the buffers, views and pictures in a message. */
function binaryIn(value: unknown, depth: number): number[] {
  if (typeof value !== 'object' || value === null || depth > 6) return [];
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return [value.byteLength];
  if (value instanceof Blob) return [value.size];
  if (value instanceof ImageBitmap || value instanceof ImageData) return [4 * value.width * value.height];
  return Object.values(value).flatMap((part) => binaryIn(part, depth + 1));
}

function watchDevices({ deviceCalls, cameraTracks }: Spied): void {
  const note = (name: string) => () => {
    deviceCalls.push(name);
  };
  for (const name of ['enumerateDevices', 'getDisplayMedia', 'getSupportedConstraints']) watch(MediaDevices.prototype, name, note(name));
  watch(Permissions.prototype, 'query', note('permissions.query'));
  const getUserMedia = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    deviceCalls.push('getUserMedia');
    const stream = await getUserMedia.call(this, constraints);
    cameraTracks.push(...stream.getVideoTracks());
    return stream;
  };
}
