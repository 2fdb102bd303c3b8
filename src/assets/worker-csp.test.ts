import { describe, expect, test } from 'vitest';
import { isWorkerScript, WORKER_CONTENT_SECURITY_POLICY } from './worker-csp.ts';

describe('worker script names', () => {
  test.each(['redaction-onnx.worker.js', 'redaction-mediapipe.worker.js', 'redaction-onnx.worker-B1x_z-9.js', 'redaction-onnx.worker.4f3a9c.js', 'features.worker.js', 'features-webgpu.worker-B1x_.js', 'recording.worker.js', 'redaction-file.worker.js'])(
    '%s is one',
    (name) => {
      expect(isWorkerScript(name)).toBe(true);
    },
  );

  test.each(['redaction.js', 'featureless.worker.js', 'other.worker.js', 'redaction-onnx.worker.css', 'redaction-onnx.worker.js.map', 'a/redaction-onnx.worker.js'])(
    '%s is none',
    (name) => {
      expect(isWorkerScript(name)).toBe(false);
    },
  );
});

test('the policy names no host, no scheme but blob: and no evaluation of script', () => {
  const directives = new Map(
    WORKER_CONTENT_SECURITY_POLICY.split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/);
      return [name, sources] as const;
    }),
  );
  expect(directives.get('default-src')).toEqual(["'none'"]);
  expect(directives.get('script-src')).toEqual(["'wasm-unsafe-eval'"]);
  expect(directives.get('connect-src')).toEqual(['blob:']);
  expect(directives.size).toBe(3);
});
