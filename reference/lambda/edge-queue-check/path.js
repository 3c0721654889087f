'use strict';

// CloudFront chooses a behaviour by a normalised path and sends the raw one on; a load balancer, nginx and Spring each have a
// normal form of their own. No path of this platform needs more than the characters that all of them leave alone, so whatever
// else is in one is refused, before anybody can disagree on what it means: percent signs, `//`, `;`, backslashes, dot segments.

const MAX_PATH_LENGTH = 2048;
const CANONICAL = /^(?:\/[A-Za-z0-9._~-]+)*\/?$/;
// A segment that ends in a dot: `.` and `..`, and what a file system would take for its name without the dot.
const DOT_AT_END = /\.(?:\/|$)/;

/** The form of an event's id. */
const EVENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Whether everybody on the way reads this path alike. */
function isCanonical(path) {
  return (
    typeof path === 'string' &&
    path.startsWith('/') &&
    path.length <= MAX_PATH_LENGTH &&
    CANONICAL.test(path) &&
    !DOT_AT_END.test(path)
  );
}

/** Whether the path is the prefix, or goes on from it at a boundary. */
function isUnder(path, prefix) {
  return path === prefix || path.startsWith(`${prefix}/`);
}

module.exports = { EVENT_ID, isCanonical, isUnder };
