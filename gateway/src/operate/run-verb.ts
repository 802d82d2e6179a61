// SPDX-License-Identifier: Apache-2.0
// npm run gateway -- <verb>: a verb of verbs.ts from its words on the command line to the text it prints.
import { parseArgs } from 'node:util';
import { gatewayError } from '../problem-codes.ts';
import { VERBS } from './verbs.ts';
import type { Call, Verb } from './verbs.ts';

/** Runs a verb and gives what to print. @throws CONFIG_INVALID when it was asked wrongly, and what the verb throws */
export async function runVerb(
  verb: string,
  args: readonly string[],
  call: Pick<Call, 'env' | 'now' | 'random'>,
): Promise<string> {
  if (verb === 'help' || verb === '--help') return HELP;
  const found = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (found === undefined) throw wrong(`there is no verb ${verb}`);
  const { values, positionals: operands } = parse(args);
  if (values.help === true) return found.help;
  const { name } = values;
  requireFit(found, operands, name);
  const withMasterKey = values['with-master-key'] === true;
  const done = await found.run({ ...call, operands, withMasterKey, name });
  return values.json === true ? JSON.stringify(done) : (found.tell ?? describe)(done);
}

/** @throws CONFIG_INVALID */
function requireFit(verb: Verb, operands: readonly string[], name: string | undefined): void {
  const fits = operands.length === verb.operands && (name === undefined || verb.named === true);
  if (!fits) throw wrong(verb.help);
}

const HELP = `npm run gateway -- <verb> [--json]
${[...Object.values(VERBS).map(({ help }) => help), 'rotate-key <uscc>: an authority’s next key']
  .map((help) => `  ${help}`)
  .join('\n')}
Settings as of the gateway: MSP, DATA_DIR, DATABASE_URL, MASTER_KEY. docs/operations.md`;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        json: { type: 'boolean' },
        name: { type: 'string' },
        'with-master-key': { type: 'boolean' },
      },
    });
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : 'these are no options');
  }
}

function wrong(text: string): Error {
  return gatewayError('CONFIG_INVALID', `${text}\n${HELP}`);
}

function describe(done: object): string {
  return Object.entries(done)
    .map(([name, value]) => `${name.padEnd(10)} ${String(value)}`)
    .join('\n');
}
