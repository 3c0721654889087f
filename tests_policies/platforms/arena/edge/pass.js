import crypto from 'node:crypto';
import { readFileSync } from 'node:fs';

const ISSUER = 'https://box-office.arena.internal';
const LEEWAY = 5000;

function secret() {
  try {
    const { passKey } = JSON.parse(readFileSync(new URL('./config.json', import.meta.url), 'utf8'));
    const key = Buffer.from(passKey, 'base64');
    return key.length >= 32 ? key : null;
  } catch {
    return null;
  }
}

const key = secret();
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const isTime = (value) => typeof value === 'number' && Number.isFinite(value);

/** One JSON object in which nothing stands twice: written out again, names alone, it has as many as were read. */
function object(segment) {
  const text = utf8.decode(Buffer.from(segment, 'base64url'));
  let names = 0;
  const value = JSON.parse(text, function count(name, item) {
    if (!Array.isArray(this)) names += 1;
    return item;
  });
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new SyntaxError('no object');
  const strings = text.match(/"(?:[^"\\]|\\.)*"\s*:?/g) ?? [];
  if (strings.filter((one) => one.endsWith(':')).length + 1 !== names) throw new SyntaxError('a name twice');
  return new Map(Object.entries(value));
}

export function admits(pass, show, now) {
  try {
    return key !== null && check(pass, show, now);
  } catch {
    return false;
  }
}

function check(pass, show, now) {
  if (typeof pass !== 'string' || pass.length > 8192) return false;
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]{43})$/.exec(pass);
  if (parts === null) return false;
  for (const part of parts.slice(1)) if (Buffer.from(part, 'base64url').toString('base64url') !== part) return false;
  const due = crypto.createHmac('sha256', key).update(`${parts[1]}.${parts[2]}`).digest('base64url');
  if (!crypto.timingSafeEqual(Buffer.from(due), Buffer.from(parts[3]))) return false;

  const header = object(parts[1]);
  if (header.get('alg') !== 'HS256' || !['JWT', undefined].includes(header.get('typ')) || header.has('crit') || header.has('b64')) return false;

  const claims = object(parts[2]);
  const [end, begin] = [claims.get('exp'), claims.get('nbf')];
  if (claims.get('iss') !== ISSUER) return false;
  if (typeof claims.get('holder') !== 'string' || claims.get('holder').length === 0) return false;
  if (!isTime(end) || end * 1000 + LEEWAY <= now) return false;
  if (claims.has('nbf') && (!isTime(begin) || begin * 1000 - LEEWAY > now)) return false;
  const seat = claims.get('show');
  return typeof seat === 'string' && seat !== '' && (show === undefined || seat === show);
}
