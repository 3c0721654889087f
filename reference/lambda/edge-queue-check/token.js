'use strict';

// The queue entry token: a JWT (RFC 7519) in JWS compact serialisation, HS256, and nothing else of either (RFC 8725).

const { createHmac, timingSafeEqual } = require('node:crypto');
const { parse } = require('./json');
const { EVENT_ID } = require('./path');

const ISSUER = 'queue-service';
const AUDIENCE = 'ticketing-entry';
const MAX_TOKEN_LENGTH = 4096;
const SIGNATURE_BYTES = 32;

/** The claims of a token that one of the keys signed and that holds at `now` (milliseconds), or null. */
function verify(token, keys, now) {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) return null;
  const segments = token.split('.');
  if (segments.length !== 3) return null;

  const [header, payload, signature] = segments.map(decode);
  if (header === null || payload === null || signature === null) return null;
  // The signature first: what the issuer did not write is not parsed.
  if (!isSigned(`${segments[0]}.${segments[1]}`, signature, keys)) return null;
  if (!isExpected(parse(header))) return null;

  const claims = parse(payload);
  return holds(claims, now) ? claims : null;
}

/** The bytes of a segment, or null where it is not the one way to write them: padding, other alphabets, bits that nothing uses. */
function decode(segment) {
  const bytes = Buffer.from(segment, 'base64url');
  return bytes.toString('base64url') === segment ? bytes : null;
}

function isSigned(input, signature, keys) {
  if (signature.length !== SIGNATURE_BYTES) return false;
  let signed = false;
  for (const key of keys) {
    // Every key is tried, whichever fits: how long it takes tells nothing.
    const equal = timingSafeEqual(createHmac('sha256', key).update(input).digest(), signature);
    signed = signed || equal;
  }
  return signed;
}

/** The header says HS256 and JWT, and nothing that could ask for more: no crit, kid, jwk, jku, x5u, zip, b64. */
function isExpected(header) {
  return (
    isObject(header) &&
    Object.keys(header).every((name) => name === 'alg' || name === 'typ') &&
    header.alg === 'HS256' &&
    (header.typ === undefined || header.typ === 'JWT')
  );
}

function holds(claims, now) {
  if (!isObject(claims)) return false;
  // A "__proto__" in JSON is a member like any other: it inherits nothing.
  const { iss, aud, sub, event, exp, nbf, iat } = claims;
  return (
    iss === ISSUER &&
    isMeantForUs(aud) &&
    typeof sub === 'string' &&
    sub !== '' &&
    typeof event === 'string' &&
    EVENT_ID.test(event) &&
    // RFC 7519: on or after this second it must not be accepted. No leeway: issuer and edge keep the same time.
    Number.isSafeInteger(exp) &&
    now < exp * 1000 &&
    hasBegun(nbf, now) &&
    hasBegun(iat, now)
  );
}

function isMeantForUs(audience) {
  if (Array.isArray(audience)) return audience.every((name) => typeof name === 'string') && audience.includes(AUDIENCE);
  return audience === AUDIENCE;
}

function hasBegun(time, now) {
  return time === undefined || (Number.isSafeInteger(time) && time * 1000 <= now);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

module.exports = { verify };
