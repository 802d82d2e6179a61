// SPDX-License-Identifier: Apache-2.0
// The command table, in the order a holder meets them.
import { claim } from './claim.ts';
import type { Command } from './command.ts';
import { init } from './init.ts';
import { list } from './list.ts';
import { present } from './present.ts';
import { remove } from './remove.ts';
import { renew } from './renew.ts';
import { show } from './show.ts';

export const COMMANDS: readonly Command[] = [init, claim, list, show, present, renew, remove];
