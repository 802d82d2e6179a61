#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The wallet as a program: loads the TypeScript loader, then becomes src/main.ts.
import 'tsx';

await import('../src/main.ts');
