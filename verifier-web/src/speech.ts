// SPDX-License-Identifier: Apache-2.0
// Reads a text aloud, where the browser has a voice; only ever the page's own words, never a licence's.
import { language } from './i18n/language.ts';

/** Whether anything can be read aloud here. */
export const canSpeak = 'speechSynthesis' in window;

/** Reads the texts aloud, one after another; stops whatever was being read. */
export function speak(texts: readonly string[]): void {
  if (!canSpeak) return;
  window.speechSynthesis.cancel();
  for (const text of texts) {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = language.value;
    utterance.rate = 0.95;
    window.speechSynthesis.speak(utterance);
  }
}

/** Stops reading. */
export function stopSpeaking(): void {
  if (canSpeak) window.speechSynthesis.cancel();
}
