// SPDX-License-Identifier: Apache-2.0
// The terminal: results to stdout, words and questions to stderr, so that a result can be piped.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Readable } from 'node:stream';
import { walletError } from './wallet-error.ts';

/** Where the wallet speaks and asks. */
export interface Terminal {
  /** Somebody is there to answer. */
  readonly interactive: boolean;
  /** Stdout is a screen that knows colours. */
  readonly colours: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** @throws DECLINED when there is no answer */
  readonly ask: (question: string) => Promise<string>;
  /** As `ask`, without showing what is typed. */
  readonly askSecret: (question: string) => Promise<string>;
}

type Stream<T> = T & { readonly isTTY?: boolean | undefined };

/** A terminal on three streams. */
export function createTerminal(
  input: Stream<Readable>,
  output: Stream<Writable>,
  errors: Stream<Writable>,
): Terminal {
  const err = (text: string) => void errors.write(text);
  return {
    interactive: input.isTTY === true && errors.isTTY === true,
    colours: output.isTTY === true,
    out: (text) => void output.write(text),
    err,
    ask(question) {
      err(`${question} `);
      return readLine(input, errors);
    },
    async askSecret(question) {
      err(`${question} `);
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      try {
        return await readLine(input, nowhere, true);
      } finally {
        err('\n');
      }
    },
  };
}

function readLine(input: Readable, output: Writable, hidden = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, output, ...(hidden ? { terminal: true } : {}) });
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => reject(walletError('DECLINED', 'there was no answer')));
  });
}
