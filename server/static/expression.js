// The data binding of APL: "${left / coach.seconds}" with the names in a scope. A small language, never JavaScript's own.

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|'([^']*)'|([A-Za-z_]\w*)|(&&|\|\||[=!<>]=|[-+*/%<>!?:(),.]))/y;

const GIVEN = {
  Math: { min: Math.min, max: Math.max, ceil: Math.ceil, floor: Math.floor },
  String: { length: (text) => String(text).length },
  true: true,
  false: false,
};

const LEVELS = [["||"], ["&&"], ["==", "!="], ["<", ">", "<=", ">="], ["+", "-"], ["*", "/", "%"]];

const OPERATORS = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

const parsed = new Map();

// The value of a property: what stands in "${…}" is worked out, and where it is the whole text it keeps its type.
export function evaluate(value, scope) {
  if (typeof value !== "string" || !value.includes("${")) return value;
  const whole = /^\$\{([^}]*)\}$/.exec(value);
  if (whole) return run(whole[1], scope);
  return value.replace(/\$\{([^}]*)\}/g, (_, text) => run(text, scope));
}

function run(text, scope) {
  if (!parsed.has(text)) parsed.set(text, parse(text));
  return parsed.get(text)(scope);
}

function parse(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim()) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw new Error(`“${text.slice(start)}” in a binding`);
    const [, number, quoted, name, sign] = found;
    if (number !== undefined) tokens.push({ constant: Number(number) });
    else if (quoted !== undefined) tokens.push({ constant: quoted });
    else tokens.push(name === undefined ? { sign } : { name });
  }
  let place = 0;
  const next = (sign) => tokens[place]?.sign === sign && (place += 1) > 0;
  const must = (sign) => {
    if (!next(sign)) throw new Error(`no “${sign}” in “${text}”`);
  };

  function choice() {
    const test = level(0);
    if (!next("?")) return test;
    const yes = choice();
    must(":");
    const no = choice();
    return (scope) => (test(scope) ? yes(scope) : no(scope));
  }

  function level(depth) {
    if (depth === LEVELS.length) return unary();
    let left = level(depth + 1);
    for (;;) {
      const sign = LEVELS[depth].find(next);
      if (!sign) return left;
      left = joined(sign, left, level(depth + 1));
    }
  }

  function joined(sign, left, right) {
    if (sign === "||") return (scope) => left(scope) || right(scope);
    if (sign === "&&") return (scope) => left(scope) && right(scope);
    return (scope) => OPERATORS[sign](left(scope), right(scope));
  }

  function unary() {
    if (next("!")) {
      const of = unary();
      return (scope) => !of(scope);
    }
    if (next("-")) {
      const of = unary();
      return (scope) => -of(scope);
    }
    return member();
  }

  function member() {
    let value = primary();
    for (;;) {
      if (next(".")) {
        const { name } = tokens[place++];
        const of = value;
        value = (scope) => own(of(scope), name);
      } else if (next("(")) {
        const inputs = [];
        while (!next(")")) {
          inputs.push(choice());
          next(",");
        }
        const call = value;
        value = (scope) => call(scope)(...inputs.map((input) => input(scope)));
      } else return value;
    }
  }

  function primary() {
    if (next("(")) {
      const inner = choice();
      must(")");
      return inner;
    }
    const token = tokens[place++] ?? {};
    if ("constant" in token) return () => token.constant;
    if (!token.name) throw new Error(`a value is missing in “${text}”`);
    return (scope) => own(GIVEN, token.name) ?? scope.get(token.name);
  }

  const value = choice();
  if (place < tokens.length) throw new Error(`too much in “${text}”`);
  return value;
}

function own(thing, name) {
  return thing != null && Object.hasOwn(thing, name) ? thing[name] : undefined;
}
