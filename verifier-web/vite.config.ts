// SPDX-License-Identifier: Apache-2.0
// Builds the page into dist/: everything in files of its own, so that the strictest content policy admits it.
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

/** Tells the service worker which files were built: those it keeps for when there is no network. */
function builtFiles(): Plugin {
  return {
    name: 'zhenglian-built-files',
    generateBundle(_options, bundle) {
      const worker = bundle['service-worker.js'];
      if (worker?.type !== 'chunk') throw new Error('service-worker.js was not built');
      const names = Object.keys(bundle).filter(
        (name) => name !== 'service-worker.js' && name !== 'index.html' && !name.endsWith('.map'),
      );
      const files = ['/', '/seal.svg', ...names.map((name) => `/${name}`)].sort();
      worker.code = worker.code.replace(/(["'`])__BUILT_FILES__\1/, () =>
        JSON.stringify(JSON.stringify(files)),
      );
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue(), builtFiles()],
  build: {
    // One page for a counter that may be off line: it is loaded whole.
    chunkSizeWarningLimit: 1500,
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { page: 'index.html', 'service-worker': 'src/service-worker.ts' },
      output: {
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? 'service-worker.js' : 'assets/[name]-[hash].js',
      },
    },
  },
});
