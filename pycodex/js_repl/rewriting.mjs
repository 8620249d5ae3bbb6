// How the source of a cell becomes a module that begins with the names of earlier ones and tells which of its own it
// has reached. Lines stay where codex-cli has them (captured: js_repl/bindings): what stands before the source is as
// many lines, and a declared function or class is followed by one.

import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";

import { fault } from "./faults.mjs";

const { Parser, tokTypes } = createRequire(import.meta.url)("internal/deps/acorn/acorn/dist/acorn");
const OPTIONS = { ecmaVersion: "latest", sourceType: "module", locations: true };
const HEAD = 5; // lines before a source that comes first

function parsed(source) {
  try {
    return Parser.parse(source, OPTIONS);
  } catch (error) {
    throw fault(source, error, Parser, OPTIONS, tokTypes);
  }
}

function* namesOf(pattern) {
  switch (pattern?.type) {
    case "Identifier":
      yield pattern.name;
      break;
    case "ObjectPattern":
      for (const each of pattern.properties) yield* namesOf(each.value ?? each);
      break;
    case "ArrayPattern":
      for (const each of pattern.elements) yield* namesOf(each);
      break;
    case "AssignmentPattern":
      yield* namesOf(pattern.left);
      break;
    case "RestElement":
      yield* namesOf(pattern.argument);
  }
}

const variables = (node) => (node?.type === "VariableDeclaration" ? node.declarations.flatMap((one) => [...namesOf(one.id)]) : []);
const hoisted = (node) => (node?.kind === "var" ? variables(node) : []);

// A statement's names, how a later cell declares them again, and how it is known that they came to be.
function declaredBy(statement) {
  const lexical = { keyword: "let", kind: "lexical" };
  switch (statement.type) {
    case "VariableDeclaration":
      return [variables(statement), { keyword: statement.kind, kind: statement.kind === "var" ? "var" : "lexical" }];
    case "FunctionDeclaration":
      return [[statement.id.name], { keyword: "let", kind: "function" }];
    case "ClassDeclaration":
      return [[statement.id.name], lexical];
    case "ForStatement":
      return [hoisted(statement.init), { keyword: "var", kind: "var" }];
    case "ForInStatement":
    case "ForOfStatement":
      return [hoisted(statement.left), { keyword: "var", kind: "var" }];
    default:
      return [[], lexical];
  }
}

export function rewrite(source, earlier) {
  const declared = new Map();
  const salt = randomBytes(8).toString("hex");
  const [prev, reach, begin] = ["prev", "reach", "begin"].map((name) => `__${name}_${salt}`);
  const hooks = `@cell_${salt}`;
  let made = "";
  let at = 0;
  for (const statement of parsed(source).body) {
    const [names, how] = declaredBy(statement);
    for (const name of names) if (!declared.has(name) || how.kind === "function") declared.set(name, how);
    if (!names.length) continue;
    const looped = /^For(In|Of)/.test(statement.type);
    const own = ["FunctionDeclaration", "ClassDeclaration"].includes(statement.type);
    made += source.slice(at, statement.start) + (looped ? ";\n" : "") + source.slice(statement.start, statement.end);
    made += `${own ? "\n" : ""};${reach}(${names.map((name) => JSON.stringify(name)).join()});`;
    at = statement.end;
  }
  made += source.slice(at);
  const again = [...earlier].map(([name, { keyword }]) => `${keyword} ${name} = ${prev}.${name};`);
  const head = [`import { reach as ${reach}, begin as ${begin} } from "${hooks}"; ${again.length ? `import * as ${prev} from "@prev";` : ""}`, ...again];
  head.push(...Array(HEAD - 1 + (again.length ? 1 : 0)).fill(""));
  head[head.length - 1] = `${begin}();`;
  const exported = [...new Set([...earlier.keys(), ...declared.keys()])];
  return { source: `${head.join("\n")}\n${made}\nexport { ${exported.join()} };`, declared, hooks };
}
