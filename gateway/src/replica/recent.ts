// SPDX-License-Identifier: Apache-2.0
// Values that were asked for last, by name: at most so much of them, whatever each weighs.

/** A memory of what is dear to make. */
export interface Recent<T> {
  /** The value under a name, made when it is not held. What fails, or is `undefined`, is not held. */
  get(name: string, make: () => Promise<T>): Promise<T>;
  forget(name: string): void;
}

interface Held<T> {
  readonly value: Promise<T>;
  weight: number;
}

/** An empty memory for so much weight; a value weighs 1 unless it is told how to weigh. */
export function createRecent<T>(most: number, weigh: (value: T) => number = () => 1): Recent<T> {
  const held = new Map<string, Held<T>>();
  let whole = 0;
  const forget = (name: string) => {
    whole -= held.get(name)?.weight ?? 0;
    held.delete(name);
  };
  const weighed = (name: string, entry: Held<T>, value: T) => {
    if (held.get(name) !== entry) return;
    if (value === undefined) {
      held.delete(name);
      return;
    }
    entry.weight = weigh(value);
    whole += entry.weight;
    for (const oldest of held.keys()) {
      if (whole <= most) return;
      forget(oldest);
    }
  };
  return {
    forget,
    get(name, make) {
      const known = held.get(name);
      if (known !== undefined) {
        held.delete(name);
        held.set(name, known);
        return known.value;
      }
      const entry: Held<T> = { value: make(), weight: 0 };
      held.set(name, entry);
      entry.value.then(
        (value) => weighed(name, entry, value),
        () => held.get(name) === entry && forget(name),
      );
      return entry.value;
    },
  };
}
