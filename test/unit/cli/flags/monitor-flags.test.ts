import { describe, expect, it } from '@jest/globals';
import { monitorLine, monitorSection, type MonitorFlags } from '../../../../src/cli/flags/monitor-flags.js';
import { readConfigText } from '../../../../src/protocol/config-text.js';
import { readConfig } from '../../../../src/protocol/config.js';

describe('the port of the monitor', () => {
  it.each<[string, MonitorFlags, object, number, object]>([
    ['is none where nobody asks for one', {}, {}, 1, {}],
    ['is 8722 plus the index of the camera', { monitor: true }, {}, 0, { port: 8722 }],
    ['is another one for another camera', { monitor: true }, {}, 3, { port: 8725 }],
    ['of a flag is taken as it is', { monitor: 9000 }, { port: 7000 }, 3, { port: 9000 }],
    ['of a file counts from camera 0', {}, { port: 7000, host: '::1' }, 2, { port: 7002, host: '::1' }],
    ['of a file counts with the flag too', { monitor: true }, { port: 7000 }, 2, { port: 7002 }],
    ['is the usual one where a file has none', { monitor: true }, { port: 0 }, 1, { port: 8723 }],
    ['is none by the flag, whatever the file says', { monitor: 0 }, { port: 7000 }, 2, { port: 0 }],
    ['is left to the check where it is none', {}, { port: 'high' }, 2, { port: 'high' }],
  ])('%s', (_what, flags, configured, cameraIndex, section) => {
    expect(monitorSection(flags, configured, cameraIndex)).toEqual(section);
  });

  it('beyond the last one is named as a problem, and there is no monitor', () => {
    const monitor = monitorSection({}, { port: 65_535 }, 1);
    const { config, problems } = readConfig({ monitor });
    expect(config.monitor.port).toBe(0);
    expect(problems).toEqual(['monitor.port must be at most 65535; the default is used.']);
  });
});

it('control is switched on by a flag, and by a file', () => {
  expect(monitorSection({ monitor: 1, monitorControl: true }, {}, 0)).toEqual({ port: 1, control: true });
  expect(monitorSection({ monitor: 1 }, { control: true }, 0)).toEqual({ port: 1, control: true });
});

it('every option of the monitor can stand in a file of lines', () => {
  const lines = [
    'monitor.port = 9000',
    'monitor.host = 0.0.0.0',
    'monitor.names = lab-pi, bench',
    'monitor.tokenFile = /etc/csi-cameras/token',
    'monitor.control = yes',
  ];
  const { config, problems } = readConfigText(lines.join('\n'), 'The file');
  expect(problems).toEqual([]);
  expect(readConfig(config).config.monitor).toEqual({
    port: 9000,
    host: '0.0.0.0',
    names: 'lab-pi, bench',
    tokenFile: '/etc/csi-cameras/token',
    control: true,
  });
});

describe('the line for a person', () => {
  const url = 'http://127.0.0.1:8722/';
  const link = `${url}#token=secret`;

  it('shows the token at a terminal, and elsewhere where it is', () => {
    const started = { url, port: 8722, token_file: '/state/monitor-token' };
    expect(monitorLine(started, link, true)).toBe(`Monitor: ${link}`);
    expect(monitorLine(started, link, false)).toBe(`Monitor: ${url} (its token is in /state/monitor-token)`);
    expect(monitorLine({ ...started, token_file: null }, url, false)).toBe(`Monitor: ${url}`);
    expect(monitorLine(started, null, true)).toBe(`Monitor: ${url}`);
  });
});
