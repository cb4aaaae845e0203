/** Pictures small enough for a repository. */
import sharp from 'sharp';

/** A picture is at most this large. */
const mostBytes = 400_000;

/** The picture with 256 colours. With fewer, thin lines lose theirs. */
export async function compress(png: Buffer): Promise<Buffer> {
  const small = await sharp(png).png({ palette: true, colours: 256, effort: 10, compressionLevel: 9, dither: 0 }).toBuffer();
  if (small.length > mostBytes) {
    throw new Error(`a picture with 256 colours is larger than ${mostBytes} bytes`);
  }
  return small;
}
