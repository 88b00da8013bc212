/* The one Trusted Types policy of this site. It must run before htmx, which builds fragments from
   text that this server sent. A tag that could act (a script, a handler, a script address) makes
   the whole text refused, so that a slip of ours or of a library's cannot become one. Nothing may
   be evaluated, and only the service worker may be loaded by address. */
const TAG = /<([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/gi;
const NEVER = new Set(["script", "iframe", "object", "embed", "base"]);
/* A whole page that htmx takes a part of names our own modules; htmx leaves them out. */
const OWN_SCRIPT = /^[^>]*\ssrc="\/static\/(?:[\w-]+[./])*[\w-]+"[^>]*$/i;
const HANDLER = /(^|[\s/"'])on[a-z]+\s*=/i;
const SCRIPT_ADDRESS = /\b(?:href|src|action|formaction)\s*=\s*["']?\s*(?:javascript|vbscript|data)\s*:/i;

export function acts(text) {
  for (const [, name, attributes] of text.matchAll(TAG)) {
    const tag = name.toLowerCase();
    if (NEVER.has(tag) && !(tag === "script" && OWN_SCRIPT.test(attributes))) return true;
    if (SCRIPT_ADDRESS.test(attributes)) return true;
    if (HANDLER.test(attributes.replace(/"[^"]*"|'[^']*'/g, '""'))) return true;
  }
  return false;
}

window.trustedTypes?.createPolicy?.("default", {
  createHTML: (text) => (acts(text) ? null : text),
  createScriptURL: (address) =>
    (new URL(address, location.href).href === new URL("/sw.js", location.href).href ? address : null),
});
