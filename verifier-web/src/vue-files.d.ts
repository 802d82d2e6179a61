// SPDX-License-Identifier: Apache-2.0
// What a .vue file exports, for tools that read TypeScript only; vue-tsc reads the files themselves.
declare module '*.vue' {
  import type { DefineComponent } from 'vue';
  const component: DefineComponent;
  export default component;
}
