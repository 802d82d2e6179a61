// SPDX-License-Identifier: Apache-2.0
// Files that only their owner reads, written so that a kill or power cut leaves the old one or the new one.
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file of mode 0600; it is on disk, name and all, when this returns. */
export async function writePrivateFile(path: string, content: Uint8Array): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
