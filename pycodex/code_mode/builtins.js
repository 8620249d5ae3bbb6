// What V8 has of its own in codex-cli's engine and not yet in every Node: put into the realm of a program where it is
// missing (captured: code_mode/builtins). A Node that has it is left alone.
(() => {
  "use strict";
  const { apply } = Reflect;
  const { defineProperty } = Object;
  const { toString } = Object.prototype;
  const { iterator } = Symbol;
  const { values } = Array.prototype;
  const { flatMap } = Iterator.prototype;
  const Fault = TypeError;
  const Big = BigInt;
  const Weak = WeakMap;
  const on = (method, object, ...args) => apply(method, object, args);
  const object = (value) => (typeof value === "object" && value !== null) || typeof value === "function";
  const shown = (value) => (object(value) ? `#<${value.constructor?.name ?? "Object"}>` : String(value));

  // A proxy of a method is no constructor and has no source, as a function of the engine.
  const put = (owner, methods) => {
    for (const name of Object.keys(methods)) {
      if (Object.hasOwn(owner, name)) continue;
      defineProperty(owner, name, { value: new Proxy(methods[name], {}), writable: true, configurable: true });
    }
  };

  // A number in units of the smallest one, and back to the nearest number.
  const number = new Float64Array(1);
  const bits = new BigUint64Array(number.buffer);
  const exact = (value) => {
    number[0] = value;
    const exponent = (bits[0] >> 52n) & 0x7ffn;
    const fraction = bits[0] & 0xfffffffffffffn;
    const size = exponent ? (fraction | 0x10000000000000n) << (exponent - 1n) : fraction;
    return value < 0 ? -size : size;
  };
  const nearest = (sum) => {
    let size = sum < 0n ? -sum : sum;
    let dropped = 0;
    // 64 bits decide how the last of 53 is rounded, if the lowest of them says whether there was more.
    const more = size.toString(2).length - 64;
    if (more > 0) {
      const lost = size & ((1n << Big(more)) - 1n);
      size = (size >> Big(more)) | (lost ? 1n : 0n);
      dropped = more;
    }
    const scaled = Number(size) * 2 ** (dropped - 1074);
    return sum < 0n ? -scaled : scaled;
  };

  put(Math, {
    sumPrecise(items) {
      if (items === undefined || items === null) throw new Fault("Math.sumPrecise called on null or undefined");
      if (typeof items[iterator] !== "function") {
        throw new Fault(`${object(items) ? shown(items) : on(toString, items)} is not iterable`);
      }
      let sum = 0n;
      let negative = true; // nothing but -0 so far
      let special = 0; // what is no longer finite
      for (const value of items) {
        if (typeof value !== "number") {
          throw new Fault(`Type of 'Iterator value' must be 'number', found '${typeof value}'`);
        }
        if (value - value !== 0) special += value;
        else {
          if (!Object.is(value, -0)) negative = false;
          sum += exact(value);
        }
      }
      if (special !== 0) return special;
      return negative ? -0 : nearest(sum);
    },
  });

  const asked = (name, kind, map, method, ...args) => {
    try {
      return apply(method, map, args);
    } catch {
      throw new Fault(`Method ${kind}.prototype.${name} called on incompatible receiver ${shown(map)}`);
    }
  };
  const upserts = (kind, { has, get, set }, canonical) => ({
    getOrInsert(key, value) {
      if (asked("getOrInsert", kind, this, has, key)) return on(get, this, key);
      canonical(key);
      on(set, this, key, value);
      return value;
    },
    getOrInsertComputed(key, make) {
      const found = asked("getOrInsertComputed", kind, this, has, key);
      if (typeof make !== "function") throw new Fault(`${kind}.prototype.getOrInsertComputed is not a function`);
      if (found) return on(get, this, key);
      const made = canonical(key);
      const value = apply(make, undefined, [made]);
      on(set, this, made, value);
      return value;
    },
  });
  const weakSet = Weak.prototype.set;
  put(Map.prototype, upserts("Map", Map.prototype, (key) => (key === 0 ? 0 : key)));
  put(Weak.prototype, upserts("WeakMap", Weak.prototype, (key) => (on(weakSet, new Weak(), key, null), key)));

  put(Iterator, {
    concat(...items) {
      const opened = [];
      for (let at = 0; at < items.length; at++) {
        const item = items[at];
        if (!object(item)) throw new Fault("Iterator.concat called on non-object");
        const open = item[iterator];
        if (typeof open !== "function") throw new Fault(`${shown(item)} is not iterable`);
        opened[at] = { [iterator]: () => apply(open, item, []) };
      }
      return on(flatMap, on(values, opened), (each) => each);
    },
  });
})();
