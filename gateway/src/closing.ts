// SPDX-License-Identifier: Apache-2.0
// Ends what was opened, last opened first.

/** What is to be ended. */
export interface Closing {
  add(end: () => Promise<void>): void;
  /** Ends everything; asked again it gives the same end. */
  close(): Promise<void>;
}

/** An empty list of what is to be ended; it is worked off once. */
export function createClosing(): Closing {
  const ends: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    for (const end of ends.reverse()) await end();
  };
  return {
    add: (end) => void ends.push(end),
    close: () => (closing ??= closeAll()),
  };
}
