/** Whether an API's answer says that it refused the token, so that another one may help. Pure. */
import { readAnswer } from '../exchange/answer.ts';
import { holds } from '../exchange/step-response.ts';
import { DEFAULT_EXPIRY_SIGNS, type ExpirySign } from '../integration/expiry-sign.ts';
import type { HttpResponse } from '../kernel/http-client.ts';
import { bearerErrors, challengeTexts } from './challenge.ts';

/** The token is good and another one would fare the same: it lacks a right (RFC 6750 §3.1), or a nonce belongs beside it (RFC 9449 §9). */
const ABOUT_SOMETHING_ELSE: readonly string[] = ['insufficient_scope', 'use_dpop_nonce'];

/** The status alone says less than this error does: the request is malformed (RFC 6750 §3.1). A sign that looks closer decides for itself. */
const UNLESS_LOOKED_CLOSER = 'invalid_request';

/** @param signs the integration's own; of several one is enough. The body is read only where a sign looks into it. */
export async function refusesToken(
  response: HttpResponse,
  signs: readonly ExpirySign[] = DEFAULT_EXPIRY_SIGNS,
): Promise<boolean> {
  const candidates = signs.filter(({ status }) => status?.includes(response.status) ?? true);
  if (candidates.length === 0) return false;
  const errors = bearerErrors(response.headers);
  if (errors.some((error) => ABOUT_SOMETHING_ELSE.includes(error))) return false;
  const isMalformed = errors.includes(UNLESS_LOOKED_CLOSER);
  for (const sign of candidates) {
    if (isMalformed && !looksCloser(sign)) continue;
    if (fitsChallenge(sign, response) && (await fitsBody(sign, response))) return true;
  }
  return false;
}

function looksCloser({ pointer, contains, wwwAuthenticate }: ExpirySign): boolean {
  return pointer !== undefined || contains !== undefined || wwwAuthenticate !== undefined;
}

function fitsChallenge({ wwwAuthenticate }: ExpirySign, { headers }: HttpResponse): boolean {
  if (wwwAuthenticate === undefined) return true;
  const part = wwwAuthenticate.toLowerCase();
  return challengeTexts(headers).some((text) => text.toLowerCase().includes(part));
}

async function fitsBody(sign: ExpirySign, response: HttpResponse): Promise<boolean> {
  if (sign.pointer === undefined && sign.contains === undefined) return true;
  return holds(sign, await readAnswer(response));
}
