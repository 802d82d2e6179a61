// SPDX-License-Identifier: Apache-2.0
// Where everything of an import is in the store. Numbers are padded, so that keys are in the order of lines and chunks.

/** What a line came to: in the check before, or when it was issued. */
export type ImportPhase = 'check' | 'issue';

const JOBS = 'import/';
const OPEN = 'import-open/';
const LISTED = 'import-list/';
/** Later than any time: what is subtracted from it is in order from new to old. */
const LAST_TIME = 9_999_999_999;

/** Keys of an import. */
export const importKey = {
  job: (job: string) => JOBS + job,
  /** Jobs that there is work on, oldest first. */
  open: (at: number, job: string) => `${OPEN}${padded(at, 10)}-${job}`,
  opens: () => OPEN,
  /** All jobs, newest first. */
  listed: (at: number, job: string) => LISTED + listPlace(at, job),
  list: () => LISTED,
  receiving: (job: string) => `${importKey.receivings()}${job}`,
  receivings: () => 'import-receiving/',
  chunk: (job: string, chunk: number) => `import-rows/${job}/${padded(chunk, 6)}`,
  chunks: (job: string) => `import-rows/${job}/`,
  error: (job: string, phase: ImportPhase, line: number, n: number) =>
    `${importKey.errors(job, phase)}${padded(line, 8)}-${padded(n, 3)}`,
  errors: (job: string, phase: ImportPhase) =>
    phase === 'issue' ? `import-error/${job}/` : `import-check-error/${job}/`,
  /** Lines of a chunk that would be issued. */
  passed: (job: string, chunk: number) => `${importKey.passes(job)}${padded(chunk, 6)}`,
  passes: (job: string) => `import-passed/${job}/`,
  /** Subjects of a file that is only checked. */
  seen: (job: string, subject: string) => importKey.seens(job) + subject,
  seens: (job: string) => `import-seen/${job}/`,
  licence: (job: string, line: number) => importKey.licences(job) + padded(line, 8),
  licences: (job: string) => `import-licence/${job}/`,
} as const;

/** Where a job stands in the list. */
export function listPlace(at: number, job: string): string {
  return `${padded(LAST_TIME - at, 10)}-${job}`;
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
