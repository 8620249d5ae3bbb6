// What js_repl says of a source that is none: where, from and to, and what is wrong there (captured: js_repl/faults).
// The parser is another one than codex-cli's; what it says is told in the words of that one as far as they are known.

const PLACE = / \((\d+):(\d+)\)$/;
const OWN_WORDS = [
  [/^'return' outside of function/, "Illegal return statement"],
  [/^Unterminated string constant/, "Unterminated string literal"],
  [/^Unterminated template/, "Unterminated template literal"],
  [/^Unterminated regular expression/, "Unterminated regular expression"],
];

const place = ({ line, column }) => `${line}:${column}`;
const said = (start, end, text) => new SyntaxError(`[${place(start)}-${place(end)}]: ${text}`);

function word({ type, value }, types) {
  if (type === types.name) return "identifier";
  if (type === types.num) return "number";
  if (type === types.string) return "string";
  if (type === types.eof) return "end of source";
  return type.keyword ?? (typeof value === "string" ? value : type.label);
}

// The tokens up to the place of a fault, the last two of them.
function around(source, at, Parser, options, types) {
  let before = null;
  try {
    for (const token of Parser.tokenizer(source, options)) {
      if (token.end > at) return [before, token];
      before = token;
    }
  } catch {
    return [before, null];
  }
  return [before, before && { type: types.eof, loc: before.loc }];
}

export function fault(source, error, Parser, options, types) {
  const message = String(error.message).replace(PLACE, "");
  if (/^Identifier '.*' has already been declared/.test(message)) return new SyntaxError(message);
  const [before, token] = around(source, error.pos ?? 0, Parser, options, types);
  const own = OWN_WORDS.find(([pattern]) => pattern.test(message));
  if (own) return token ? said(token.loc.start, token.loc.end, own[1]) : unended(source, error, own[1]);
  if (!token) return said(error.loc, { ...error.loc, column: error.loc.column + 1 }, message);
  if (message !== "Unexpected token") return said(token.loc.start, token.loc.end, message);
  const text = `Unexpected token: '${word(token, types)}'`;
  const { start, end } = token.type === types.eof && before ? before.loc : token.loc;
  return said(start, end, text);
}

// Of something that does not end: from its beginning to where it was noticed.
function unended(source, { loc, raisedAt, pos }, text) {
  const length = /[\n\r]/.test(source.slice(pos)) ? raisedAt - pos : source.length - pos;
  return said(loc, { line: loc.line, column: loc.column + length }, text);
}
