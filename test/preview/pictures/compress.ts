/** Pictures small enough for a repository. */
import sharp from 'sharp';

/** A picture is at most this large. */
export const mostBytes = 300_000;

/** From many colours to few: a dashboard has few to begin with, and text stays sharp. */
const palettes = [256, 128, 64, 32];

/** The picture with as many colours as fit. */
export async function compress(png: Buffer): Promise<Buffer> {
  for (const colours of palettes) {
    const small = await sharp(png).png({ palette: true, colours, effort: 10, compressionLevel: 9, dither: 0 }).toBuffer();
    if (small.length <= mostBytes) {
      return small;
    }
  }
  throw new Error(`a picture with ${palettes.at(-1)} colours is still larger than ${mostBytes} bytes`);
}
