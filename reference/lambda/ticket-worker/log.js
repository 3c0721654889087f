/** One line of JSON; never what a purchase or an answer holds, nor the credential. */
export function log(level, fields) {
  console[level](JSON.stringify({ level, ...fields }));
}
