import { bauta } from 'bauta/vite';
import { defineConfig } from 'vite';

// The demo is an app like any other: it finds the library by its package name and brings the plugin.
export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the static site works under any sub-path.
  base: './',
  plugins: [bauta()],
  server: { fs: { allow: ['..'] } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Models and workers are checked and served as files.
    assetsInlineLimit: 0,
  },
});
