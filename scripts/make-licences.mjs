// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Writes docs/licences.md from package-lock.json: `npm run licences`. */

/** @typedef {{ version?: string, license?: string, dev?: boolean, devOptional?: boolean, optional?: boolean, hasInstallScript?: boolean }} LockedPackage */

const ROOT = new URL('../', import.meta.url);

/** What is installed with the package: not what only developers need, nor what a dependency can do without. */
export function installedPackages() {
  const lock = /** @type {{ packages: Record<string, LockedPackage> }} */ (
    JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8'))
  );
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional, optional }]) => path !== '' && !dev && !devOptional && !optional)
    .map(([path, { version = '', license = '', hasInstallScript = false }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { path, name, version, license, hasInstallScript };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en'));
}

/** docs/licences.md, before its table is aligned. */
export function licencesText() {
  const rows = installedPackages().map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  return `# Licences

csi-cameras is under the MIT licence (\`LICENSE\`). With it npm installs these packages. None of them is part of
the package itself, and each comes with the text of its licence, in its folder of \`node_modules\`. Versions are
those that the tests ran with. \`npm run licences\` writes this file, and a test compares.

| package | version | licence |
| --- | --- | --- |
${rows.join('\n')}

The capture tool (rpicam-apps, BSD-2-Clause) is a program of the machine, and is started as one.
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('docs/licences.md', ROOT), licencesText());
}
