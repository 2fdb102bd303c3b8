/** The loader of the MediaPipe runtime, built by Emscripten; the package gives it no types. */
declare module '@mediapipe/tasks-vision/vision_wasm_module_internal.js' {
  const ModuleFactory: (module: object) => Promise<object>;
  export default ModuleFactory;
}
