// SPDX-License-Identifier: Apache-2.0
// Ends what was opened, last opened first. With a limit of time a part that hangs is left behind and named: what it was at
// is durable where it stands, as after a kill, and goes on at the next start.

/** Ends a part; when it gives a list, that names what it had to leave behind. */
export type End = () => Promise<unknown>;

/** What is to be ended. */
export interface Closing {
  /** `most`: milliseconds of a limited time that this part may take for itself. */
  add(name: string, end: End, most?: number): void;
  /**
   * Ends everything, within so many milliseconds where a limit is given; asked again it gives the same end. Names the
   * parts that had not ended, or ended badly, when their time was up. Without a limit an error of a part is thrown.
   */
  close(within?: number): Promise<readonly string[]>;
}

interface Part {
  readonly name: string;
  readonly end: End;
  readonly most: number;
}

const MOST_MS = 1500;

/** An empty list of what is to be ended; it is worked off once. */
export function createClosing(): Closing {
  const parts: Part[] = [];
  let closing: Promise<readonly string[]> | undefined;
  return {
    add: (name, end, most = MOST_MS) => void parts.push({ name, end, most }),
    close: (within) =>
      (closing ??= within === undefined ? closeAll(parts) : closeWithin(parts, within)),
  };
}

async function closeAll(parts: Part[]): Promise<readonly string[]> {
  for (const { end } of parts.reverse()) await end();
  return [];
}

async function closeWithin(parts: Part[], within: number): Promise<readonly string[]> {
  const deadline = performance.now() + within;
  const left: string[] = [];
  for (const { name, end, most } of parts.reverse()) {
    const time = Math.max(0, Math.min(most, deadline - performance.now()));
    left.push(...((await endWithin(end, time)) ?? [name]));
  }
  return left;
}

/** What it left behind; undefined when it did not end in this time, or ended badly. */
async function endWithin(end: End, milliseconds: number): Promise<readonly string[] | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  const ended = end().then(
    (left) => (Array.isArray(left) ? left.map(String) : []),
    () => undefined,
  );
  return Promise.race([ended, late]).finally(() => clearTimeout(timer));
}
