'use strict';

// JSON as RFC 7515 and RFC 7519 want it of a token: UTF-8, and no name twice, for which of two counts differs between readers.

const MAX_DEPTH = 32;
// ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value that the bytes write, or null where they are no strict JSON. */
function parse(bytes) {
  try {
    const text = UTF8.decode(bytes);
    const value = JSON.parse(text);
    return hasDistinctNames(text) ? value : null;
  } catch {
    return null;
  }
}

/** Whether no object in a text that JSON.parse has taken names a member twice, nor nests too deep; one pass over the text. */
function hasDistinctNames(text) {
  const names = []; // for each open bracket: the names so far, or null in a list
  let key = null; // the string read last, until we know whether it was a name
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
        names.push(new Set());
        break;
      case '[':
        names.push(null);
        break;
      case '}':
      case ']':
        names.pop();
        break;
      case '"': {
        const end = endOfString(text, at);
        key = text.slice(at, end + 1);
        at = end;
        break;
      }
      case ':': {
        // Written otherwise ("e\u0078p"), it is the same name.
        const name = JSON.parse(key);
        const seen = names.at(-1);
        if (seen.has(name)) return false;
        seen.add(name);
        break;
      }
      default:
    }
    if (names.length > MAX_DEPTH) return false;
  }
  return true;
}

function endOfString(text, start) {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

module.exports = { parse };
