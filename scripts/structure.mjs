import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * How the rooms of `src/` hang together: files, imports among them, levels, circles. Imports of types count like all others.
 *
 *   node scripts/structure.mjs    a table of the rooms, and every circle
 */

const SRC = fileURLToPath(new URL('../src/', import.meta.url));
const SPECIFIER =
  /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*'(\.[^']+)'|import\s*\(\s*'(\.[^']+)'|(?:^|\n)\s*import\s*'(\.[^']+)'/g;

/**
 * @typedef {ReadonlyMap<string, readonly string[]>} Imports what each file or room imports, by its path below `src/`
 */

/**
 * @param {string} [folder] another one than `src/`; paths are below it
 * @returns {Imports}
 */
export function importsOfFiles(folder = SRC) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return new Map(
    names.map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const found = [...text.matchAll(SPECIFIER)].map(([, from, lazy, bare]) => from ?? lazy ?? bare ?? '');
      const targets = found.map((specifier) => normalize(join(dirname(name), specifier)).replace(/\.js$/, '.ts'));
      return [name, [...new Set(targets)]];
    }),
  );
}

/**
 * The inside of one room: its own files, and each room in it as one.
 *
 * @param {Imports} imports
 * @param {string} room '' is `src/` itself
 * @returns {Imports} imports of what lies outside are left out
 */
export function insideOf(imports, room) {
  /** @param {string} file */
  const unitOf = (file) => {
    const path = relative(room === '' ? '.' : room, file);
    return path.startsWith('..') ? undefined : path.split(sep)[0];
  };
  /** @type {Map<string, Set<string>>} */
  const units = new Map();
  for (const [file, targets] of imports) {
    const unit = unitOf(file);
    if (unit === undefined) continue;
    const own = units.get(unit) ?? new Set();
    units.set(unit, own);
    for (const target of targets) {
      const other = unitOf(target);
      if (other !== undefined && other !== unit) own.add(other);
    }
  }
  return new Map([...units].map(([unit, targets]) => [unit, [...targets]]));
}

/**
 * Each circle once, as the way round it.
 *
 * @param {Imports} imports
 * @returns {readonly (readonly string[])[]}
 */
export function circlesIn(imports) {
  /** @type {string[][]} */
  const circles = [];
  const done = new Set();
  /** @param {string} node @param {string[]} way */
  const visit = (node, way) => {
    const at = way.indexOf(node);
    if (at !== -1) circles.push([...way.slice(at), node]);
    if (at !== -1 || done.has(node)) return;
    for (const target of imports.get(node) ?? []) visit(target, [...way, node]);
    done.add(node);
  };
  for (const node of imports.keys()) visit(node, []);
  return circles;
}

/**
 * On how many levels the files of a room lie: the longest way of imports through it. Without circles.
 *
 * @param {Imports} imports
 * @returns {number}
 */
export function levelsOf(imports) {
  /** @type {Map<string, number>} */
  const known = new Map();
  /** @param {string} node @returns {number} */
  const level = (node) => {
    const seen = known.get(node);
    if (seen !== undefined) return seen;
    known.set(node, 0);
    const own = 1 + Math.max(0, ...(imports.get(node) ?? []).map(level));
    known.set(node, own);
    return own;
  };
  return Math.max(0, ...[...imports.keys()].map(level));
}

/**
 * @param {Imports} imports
 * @returns {readonly string[]} every folder of `src/` by its path, `src/` itself as ''
 */
export function roomsOf(imports) {
  const rooms = new Set(['']);
  for (const file of imports.keys()) {
    for (let room = dirname(file); room !== '.'; room = dirname(room)) rooms.add(room);
  }
  return [...rooms].toSorted();
}

/** @param {Imports} imports @param {string} room */
export function filesIn(imports, room) {
  return [...imports.keys()].filter((file) => dirname(file) === (room === '' ? '.' : room)).length;
}

function main() {
  const imports = importsOfFiles();
  console.table(
    roomsOf(imports).map((room) => {
      const inside = insideOf(imports, room);
      const count = [...inside.values()].reduce((sum, targets) => sum + targets.length, 0);
      return {
        room: `src/${room}`,
        files: filesIn(imports, room),
        units: inside.size,
        imports: count,
        levels: levelsOf(inside),
      };
    }),
  );
  const circles = circlesIn(imports);
  for (const circle of circles) console.log(`Circle: ${circle.join(' -> ')}`);
  if (circles.length === 0) console.log(`No circle among ${imports.size} files.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
