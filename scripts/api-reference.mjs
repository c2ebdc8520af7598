// @ts-check
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { format } from 'prettier';

/**
 * Makes `docs/api.md` of the built declarations (`dist/index.d.ts` and what it leads to): each export with its docstring.
 * `npm run api` writes it, and a test compares.
 */

/** @typedef {import('oxc-parser').Node} Node */
/** @typedef {{ file: string, source: string, body: readonly Node[], comments: readonly { type: string, start: number, end: number }[] }} Declarations */
/** @typedef {{ name: string, node: Node, inFile: Declarations, comment: string }} Declared */

const INTRODUCTION = `# API reference

What \`import ... from 'csi-cameras'\` gives, as the package declares it. \`npm run api\` makes this page of the
docstrings, and a test holds it against the code. How a host uses it: [host protocol](host-protocol.md#in-process)
and \`examples/\`. Times in nanoseconds are \`bigint\`, because a double rounds them. Errors are \`CsiCamerasError\`,
with a [code](errors.md).
`;

/** Every export, by what a reader looks for. An export that is nowhere here fails. */
const SECTIONS = {
  'The module': ['createCsiCamerasModule', 'CsiCamerasModule', 'HostModule', 'HostContext', 'Config'],
  'What a host hears': ['StatusMessage', 'StatusName', 'StatusReport', 'ReceivedCommand'],
  'Pictures to look at': ['PreviewFrame', 'PreviewListener'],
  Errors: ['CsiCamerasError', 'ErrorCode', 'ErrorData', 'ERROR_CODES', 'ERROR_ADVICE'],
  'Dependencies in place of the default ones': [
    'ModuleDependencies',
    'registerDefaults',
    'CAMERA_SOURCE',
    'RECORDING_SESSION',
    'LOG_SINK',
    'CLOCK',
    'FILE_SYSTEM',
    'PIPELINE_FACTORY',
    'LOAD_SIGNALS',
  ],
  'A camera source': [
    'CameraSource',
    'CameraStream',
    'SourceListener',
    'SourceFormat',
    'CaptureRequest',
    'CaptureSettings',
    'CameraIdentity',
    'CameraInfo',
    'CameraMode',
    'Frame',
    'FrameTimes',
    'FrameMetadata',
    'FrameMemory',
  ],
  'A recording session': [
    'RecordingSession',
    'Recording',
    'RecordingRequest',
    'RecordingPaths',
    'RecordingResult',
    'Whereabouts',
  ],
  Logs: ['LogSink', 'CommandLogLine', 'LogLosses', 'LogLevel', 'FrameDrop'],
  'Clock, disk and machine': ['Clock', 'FileSystem', 'LoadSignals', 'MachineFigures', 'SystemLoadSignals', 'LoadLevel'],
  'A pipeline': ['CameraPipeline', 'PipelineFactory', 'PipelineOptions', 'PipelineCommand', 'PipelineEvent'],
};

const REST = 'Types that these name';

/** Types that the compiler derives of a table. The table's document says more than their declaration. */
const ELSEWHERE = {
  Config: 'Every option with its value: [configuration](configuration.md#options). `start` takes a part of it.',
  StatusReport: 'The state of the module: [the snapshot](host-protocol.md#the-snapshot).',
  StatusName: 'The name of a [status](host-protocol.md#statuses).',
  ERROR_ADVICE: 'For each code a sentence for the person who must act: [errors](errors.md#error-codes).',
  InfoFacts: 'What an [info file](info-file.md#fields) holds below `csi_cameras`.',
  TakeFacts: 'What goes into an [info file](info-file.md#fields) and no file of the recording tells.',
  Report: 'A status and its data, for each [status](host-protocol.md#data).',
  PartialSettings: "Some of a camera's [settings](configuration.md#options), without `camera.`.",
  CameraSettings:
    "A camera's [settings](configuration.md#options), without `camera.`; `width`, `height`, `fps` and `jpegQuality` always.",
};

/** @type {Map<string, Declarations>} */
const read = new Map();

/** @param {string} file */
function declarationsOf(file) {
  const known = read.get(file);
  if (known !== undefined) return known;
  const source = readFileSync(file, 'utf8');
  const { program, comments, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const declarations = { file, source, body: program.body, comments };
  read.set(file, declarations);
  return declarations;
}

/**
 * @param {Declarations} inFile
 * @param {{ value: string }} from
 */
const fileOf = (inFile, from) => join(dirname(inFile.file), from.value.replace(/\.js$/, '.d.ts'));

/**
 * Where a name of a file is declared, through imports and re-exports. `undefined`: not in this package.
 * @param {Declarations} inFile
 * @param {string} name
 * @returns {Declared | undefined}
 */
function find(inFile, name) {
  for (const node of inFile.body) {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (declaration !== null && namesOf(declaration).includes(name))
      return { name, node: /** @type {Node} */ (declaration), inFile, comment: commentBefore(inFile, node.start) };
    if ((node.type !== 'ImportDeclaration' && node.type !== 'ExportNamedDeclaration') || node.source === null) continue;
    if (!node.source.value.startsWith('.')) continue;
    for (const specifier of node.specifiers) {
      if (specifier.type !== 'ImportSpecifier' && specifier.type !== 'ExportSpecifier') continue;
      const [here, there] =
        specifier.type === 'ImportSpecifier'
          ? [specifier.local, specifier.imported]
          : [specifier.exported, specifier.local];
      if (nameOf(here) === name) return find(declarationsOf(fileOf(inFile, node.source)), nameOf(there));
    }
  }
  return undefined;
}

/** @param {{ type: string }} named */
const nameOf = (named) => ('name' in named ? String(named.name) : '');

/** @param {object} declaration */
function namesOf(declaration) {
  if ('declarations' in declaration)
    return /** @type {{ id: { type: string } }[]} */ (declaration.declarations).map(({ id }) => nameOf(id));
  const isNamed = 'id' in declaration && declaration.id !== null;
  return isNamed ? [nameOf(/** @type {{ type: string }} */ (declaration.id))] : [];
}

/**
 * The text of the docstring that ends where something begins.
 * @param {Declarations} inFile
 * @param {number} start
 */
function commentBefore({ source, comments }, start) {
  const comment = comments.findLast(({ end }) => end <= start && source.slice(end, start).trim() === '');
  if (comment?.type !== 'Block') return '';
  return source
    .slice(comment.start, comment.end)
    .replace(/^\/\*\*?/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim();
}

/**
 * The declaration as a reader needs it: without what is private.
 * @param {Declared} declared
 */
function codeOf({ node, inFile }) {
  return inFile.source
    .slice(node.start, node.end)
    .replace(/^declare /, '')
    .replaceAll(/^ +(?:#private|private [^;()]*);\n/gm, '');
}

/**
 * The types that a declaration names, in order.
 * @param {unknown} node
 * @returns {string[]}
 */
function typesIn(node) {
  if (Array.isArray(node)) return node.flatMap((item) => typesIn(item));
  if (node === null || typeof node !== 'object') return [];
  const own =
    'type' in node && (node.type === 'TSTypeReference' || node.type === 'TSInterfaceHeritage')
      ? [nameOf(/** @type {{ type: string }} */ ('typeName' in node ? node.typeName : Reflect.get(node, 'expression')))]
      : [];
  if ('accessibility' in node && node.accessibility === 'private') return [];
  return [...own, ...Object.values(node).flatMap((value) => typesIn(value))];
}

/** @param {Declared} declared */
function entryOf(declared) {
  const { name, comment, inFile } = declared;
  if (name in ELSEWHERE) return `### ${name}\n\n${Reflect.get(ELSEWHERE, name)}`;
  if (comment === '') throw new Error(`${name} is public and has no docstring (${inFile.file}).`);
  return `### ${name}\n\n${comment}\n\n\`\`\`ts\n${codeOf(declared)}\n\`\`\``;
}

/**
 * The page, formatted.
 * @param {string} root the project's folder, with a built `dist`
 */
export async function apiReference(root) {
  read.clear();
  const index = declarationsOf(join(root, 'dist/index.d.ts'));
  const exported = index.body.flatMap((node) =>
    node.type === 'ExportNamedDeclaration' ? node.specifiers.map(({ exported: as }) => nameOf(as)) : [],
  );
  const placed = Object.values(SECTIONS).flat();
  const lost = exported.filter((name) => !placed.includes(name));
  if (lost.length > 0)
    throw new Error(`Put these exports into SECTIONS of scripts/api-reference.mjs: ${lost.join(', ')}`);
  const gone = placed.filter((name) => !exported.includes(name));
  if (gone.length > 0)
    throw new Error(`SECTIONS of scripts/api-reference.mjs has what is not exported: ${gone.join(', ')}`);

  /** @type {Map<string, Declared>} */
  const found = new Map();
  const take = (/** @type {Declarations} */ inFile, /** @type {string} */ name) => {
    const declared = find(inFile, name);
    if (declared === undefined || found.has(declared.name)) return;
    found.set(declared.name, declared);
    if (name in ELSEWHERE) return;
    for (const named of typesIn(declared.node)) take(declared.inFile, named);
  };
  for (const name of placed) take(index, name);

  const entry = (/** @type {string} */ name) => {
    const declared = found.get(name);
    if (declared === undefined) throw new Error(`${name} is declared nowhere.`);
    return entryOf(declared);
  };
  const sections = Object.entries(SECTIONS).map(([title, names]) => [
    `## ${title}`,
    ...names.map((name) => entry(name)),
  ]);
  const rest = [...found.keys()].filter((name) => !placed.includes(name)).toSorted((a, b) => a.localeCompare(b, 'en'));
  const parts = [INTRODUCTION, ...sections.flat(), `## ${REST}`, ...rest.map((name) => entry(name))];
  return format(parts.join('\n\n'), {
    parser: 'markdown',
    proseWrap: 'always',
    printWidth: 110,
    singleQuote: true,
    trailingComma: 'all',
  });
}
