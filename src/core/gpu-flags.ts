// The DOM types declare WebGPU's objects but not the namespaces of its flags. WebGPU, 5.1, 6.1.2 and 8.1 (W3C CRD, 2025).

/** `GPUBufferUsage`. */
export const BUFFER_USAGE = { MAP_READ: 0x1, COPY_DST: 0x8, UNIFORM: 0x40, STORAGE: 0x80 } as const;

/** `GPUTextureUsage`. */
export const TEXTURE_USAGE = { COPY_SRC: 0x1, RENDER_ATTACHMENT: 0x10 } as const;

/** `GPUShaderStage`. */
export const SHADER_STAGE = { FRAGMENT: 0x2, COMPUTE: 0x4 } as const;

/** `GPUMapMode`. */
export const MAP_MODE = { READ: 0x1 } as const;
