import { openKernel } from './popcount-kernel.ts';
import { KernelMemory, PlainMemory, type TemplateMemory } from './template-memory.ts';

/** Every memory that there is; tests run on an engine that has SIMD. */
export const MEMORIES: readonly { readonly name: string; readonly memoryOf: (wordsPerTemplate: number) => TemplateMemory }[] = [
  { name: 'an array', memoryOf: (wordsPerTemplate) => new PlainMemory(wordsPerTemplate) },
  {
    name: 'the memory of the kernel',
    memoryOf: (wordsPerTemplate) => {
      const kernel = openKernel();
      if (kernel === null) throw new Error('this engine has no SIMD in WebAssembly');
      return new KernelMemory(wordsPerTemplate, kernel);
    },
  },
];
