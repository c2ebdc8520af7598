import { describe, expect, it } from '@jest/globals';
import { listCameras } from '../../../src/module/container.js';

describe('listCameras', () => {
  it('lists the cameras of the configured source', async () => {
    const cameras = await listCameras({ simulate: true }, AbortSignal.timeout(20_000));
    expect(cameras.map(({ model }) => model)).toEqual(['imx296', 'imx219']);
  });
});
