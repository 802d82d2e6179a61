// SPDX-License-Identifier: Apache-2.0
// Where the person is: a path after the hash, so that the gateway serves one page and a reload stays where it was.
import { computed, ref } from 'vue';

const path = ref(readPath());

window.addEventListener('hashchange', () => {
  path.value = readPath();
});

/** Parts of the path: page, then what of it. */
export const place = computed(() => {
  const [page = 'counter', view = '', id = ''] = path.value.split('/').filter((p) => p !== '');
  return { page, view, id };
});

/** Goes to a path such as `/officer/mint`. */
export function go(to: string): void {
  window.location.hash = to;
}

function readPath(): string {
  return decodeURIComponent(window.location.hash.replace(/^#/, ''));
}
