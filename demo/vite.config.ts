import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bauta } from 'bauta/vite';
import { defineConfig, type Plugin } from 'vite';

const HERE = import.meta.dirname;
const PAGES = ['index', 'features', 'album', 'review', 'rights'];

/** Puts `parts/NAME.html` where a page says `<!-- part: NAME -->`: what all pages share is written once. */
function parts(): Plugin {
  const folder = join(HERE, 'parts');
  return {
    name: 'demo-parts',
    configureServer({ watcher, ws }) {
      watcher.add(folder);
      watcher.on('change', (file) => {
        if (file.startsWith(folder)) ws.send({ type: 'full-reload' });
      });
    },
    transformIndexHtml: {
      order: 'pre',
      handler: (html) =>
        html.replace(/^( *)<!-- part: ([a-z-]+) -->$/gm, (_all, indent: string, name: string) =>
          readFileSync(join(folder, `${name}.html`), 'utf8').trimEnd().replace(/^(?=.)/gm, indent),
        ),
    },
  };
}

// The demo is an app like any other: it finds the library by its package name and brings the plugin.
export default defineConfig({
  root: HERE,
  // Relative, so that the static site works under any sub-path.
  base: './',
  plugins: [parts(), bauta()],
  server: { fs: { allow: ['..'] } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Models and workers are checked and served as files.
    assetsInlineLimit: 0,
    rolldownOptions: { input: PAGES.map((page) => join(HERE, `${page}.html`)) },
  },
});
