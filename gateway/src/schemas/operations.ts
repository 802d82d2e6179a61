// SPDX-License-Identifier: Apache-2.0
// Every operation of the API, in the order of docs/api.md.
import type { Operation } from '../routing.ts';
import {
  activateAccount,
  changeAccount,
  createAccount,
  disableClient,
  listAccounts,
  listClients,
  recoverAccount,
  registerClient,
} from './accounts.ts';
import {
  createPresentationRequest,
  getEvidence,
  getTrustBundle,
  listRecognitionsOperation,
  noteVerdict,
  recogniseLicence,
  verifyPresentations,
} from './checking.ts';
import { claimLicence, renewLicence } from './claiming.ts';
import { erasePersonOperation, listErasuresOperation } from './erasing.ts';
import {
  approveImportOperation,
  cancelImportOperation,
  getImport,
  getImported,
  getImportEvents,
  getImportResults,
  importUploaded,
  listImportsOperation,
  pauseImportOperation,
  refuseImportOperation,
  resumeImportOperation,
  startImport,
} from './imports.ts';
import { rotateKey } from './keys.ts';
import {
  changeStatus,
  createClaimCodeOperation,
  getCode,
  getLicence,
  issueLicence,
  reissueLicence,
  searchLicences,
} from './licences.ts';
import {
  confirmSecondFactor,
  getSession,
  grantToken,
  offerSecondFactor,
  removeSecondFactor,
  setPassword,
  signIn,
  signOut,
} from './identity.ts';
import { getHealth, getNetwork, getOpenApi, getReadiness } from './machinery.ts';
import { beginOidc, finishOidc } from './oidc.ts';
import { getLedger, getTrail } from './regulating.ts';
import {
  appendUploadOperation,
  createUpload,
  getUpload,
  removeUploadOperation,
} from './uploads.ts';

type AnyOperation = Omit<Operation, 'params' | 'query' | 'body'> &
  Partial<Record<'params' | 'query' | 'body', NonNullable<Operation['body']>>>;

/** What the OpenAPI document is made of, and what tests check answers against. */
export const OPERATIONS: readonly AnyOperation[] = [
  issueLicence,
  startImport,
  createUpload,
  getUpload,
  appendUploadOperation,
  removeUploadOperation,
  importUploaded,
  listImportsOperation,
  getImport,
  getImportEvents,
  getImportResults,
  getImported,
  pauseImportOperation,
  resumeImportOperation,
  cancelImportOperation,
  approveImportOperation,
  refuseImportOperation,
  searchLicences,
  getLicence,
  changeStatus,
  reissueLicence,
  getCode,
  createClaimCodeOperation,
  claimLicence,
  renewLicence,
  getTrustBundle,
  getEvidence,
  noteVerdict,
  createPresentationRequest,
  verifyPresentations,
  recogniseLicence,
  listRecognitionsOperation,
  getTrail,
  getLedger,
  erasePersonOperation,
  listErasuresOperation,
  getHealth,
  getReadiness,
  getOpenApi,
  getNetwork,
  getSession,
  rotateKey,
  signIn,
  signOut,
  setPassword,
  offerSecondFactor,
  confirmSecondFactor,
  removeSecondFactor,
  beginOidc,
  finishOidc,
  grantToken,
  createAccount,
  listAccounts,
  changeAccount,
  recoverAccount,
  activateAccount,
  registerClient,
  listClients,
  disableClient,
];
