'use strict';

// Where a queue entry token comes in: a browser sends the cookie, an app the header.

const TOKEN_COOKIE = 'vwr-entry-token';
const TOKEN_HEADER = 'x-queue-entry-token';

/**
 * The one token that the request carries, or null: none, or more than one. Which of two counts would depend on the order, and on
 * who reads them, so neither does.
 */
function entryToken(headers) {
  const fromHeader = values(headers, TOKEN_HEADER);
  const fromCookie = values(headers, 'cookie').flatMap(entryCookies);
  if (fromHeader.length > 1 || fromCookie.length > 1) return null;

  const [header] = fromHeader;
  const [cookie] = fromCookie;
  if (header !== undefined && cookie !== undefined && header !== cookie) return null;
  return header ?? cookie ?? null;
}

function values(headers, name) {
  if (!Object.hasOwn(headers, name)) return [];
  return headers[name].map(({ value }) => {
    if (typeof value !== 'string') throw new TypeError('a header value is no text');
    return value;
  });
}

/** The values of the token's cookie in one Cookie header; the name must match whole, as RFC 6265 has it, capitals included. */
function entryCookies(header) {
  const found = [];
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && trim(pair.slice(0, equals)) === TOKEN_COOKIE) found.push(trim(pair.slice(equals + 1)));
  }
  return found;
}

// Space and tab alone (String.trim takes more), and by index: a regular expression anchored at the end is quadratic.
function trim(text) {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character) {
  return character === ' ' || character === '\t';
}

module.exports = { TOKEN_COOKIE, TOKEN_HEADER, entryToken };
