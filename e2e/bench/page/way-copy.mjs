/**
 * Copying only: what any redaction in CPU memory must do at least. Nothing is covered.
 * `delayMs` and `dropEvery` spoil it in a known way, to test the harness.
 */
export async function start({ track }, { delayMs = 0, dropEvery = 0 } = {}) {
  const processor = new MediaStreamTrackProcessor({ track, maxBufferSize: 1 });
  const generator = new MediaStreamTrackGenerator({ kind: 'video' });
  const worker = new Worker('/copy-worker.mjs', { type: 'module' });
  const { readable } = processor;
  const { writable } = generator;
  let answered = () => undefined;
  let failure = null;
  worker.onmessage = ({ data }) => answered(data);
  worker.onerror = ({ message }) => (failure = message);
  worker.postMessage({ kind: 'start', readable, writable, delayMs, dropEvery }, [readable, writable]);
  return {
    track: generator,
    matchBy: 'timestamp',
    begin: () => worker.postMessage({ kind: 'clear' }),
    async collect() {
      const report = new Promise((resolve) => (answered = resolve));
      worker.postMessage({ kind: 'report' });
      return { ...(await report), errors: failure === null ? [] : [failure] };
    },
    stop() {
      worker.terminate();
      generator.stop();
    },
  };
}
