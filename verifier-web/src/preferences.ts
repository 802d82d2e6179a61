// SPDX-License-Identifier: Apache-2.0
// Elder mode (长辈版): larger text, larger targets, more space; the sizes are in styles/theme.css.
import { ref, watchEffect } from 'vue';
import { readKept, writeKept } from './kept.ts';

const KEY = 'zl.elder';

/** Whether elder mode is on. */
export const elder = ref(readKept(KEY) === 'on');

watchEffect(() => {
  document.documentElement.classList.toggle('elder', elder.value);
  writeKept(KEY, elder.value ? 'on' : undefined);
});
