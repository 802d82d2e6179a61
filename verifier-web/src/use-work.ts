// SPDX-License-Identifier: Apache-2.0
// Work that a person waits for: its button rests meanwhile, and what went wrong is said in words.
import { computed, ref, shallowRef } from 'vue';
import { newKey } from './http.ts';
import { sayWhole } from './i18n/problems.ts';

/** One piece of work at a time, with what a form shows of it. */
export function useWork() {
  const busy = ref(false);
  const failure = shallowRef<unknown>();
  const said = ref('');
  /** What went wrong, in the language of now; a form may say what it finds wrong itself. */
  const problem = computed({
    get: () => (failure.value === undefined ? said.value : sayWhole(failure.value)),
    set: (text) => {
      failure.value = undefined;
      said.value = text;
    },
  });

  /** Runs it; true when it went well. */
  async function run(task: () => Promise<unknown>): Promise<boolean> {
    busy.value = true;
    problem.value = '';
    try {
      await task();
      return true;
    } catch (error) {
      failure.value = error;
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, problem, run };
}

/** The idempotency key of what is sent: the same content keeps it, so that a second try after a lost answer does nothing twice. */
export function useContentKey() {
  let last = { body: '', key: newKey() };
  return {
    keyOf(content: unknown): string {
      const body = JSON.stringify(content);
      if (body !== last.body) last = { body, key: newKey() };
      return last.key;
    },
    /** It was done: the same content again is another order. */
    done() {
      last = { body: '', key: newKey() };
    },
  };
}
